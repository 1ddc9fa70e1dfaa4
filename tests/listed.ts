/**
 * Documents in arrays, to be compared: those of a long text are made when they are asked for, by functions.
 *
 * @module
 */

import type { Documents, TrainingDocument } from "../mod.ts";

type Parts = { readonly documents: Documents; readonly validation: Documents };
type Listed<T> = Omit<T, keyof Parts> & Record<keyof Parts, readonly TrainingDocument[]>;

/** The same with its documents in arrays. */
export function listed<T extends Parts>(state: T): Listed<T> {
  return { ...state, documents: [...state.documents], validation: [...state.validation] };
}
