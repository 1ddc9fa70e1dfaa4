/**
 * Documents that begin alike share their beginning: attention is causal, so equal prefixes have equal activations in
 * every layer, and a batch is a trie. A node is a position that is computed once; an entry is a position of a document,
 * which adds its own term to the loss at its node. With dropout each document has nodes of its own: it drops other units.
 */

import { dropping } from "./dropout";
import { plan } from "./plan";

/** Address of the i-th element of an array of i32 in the part's memory. */
@inline
function int(part: usize, offset: i32, i: i32): usize {
  return part + offset + (<usize> i << 2);
}

/** The node with a token among siblings, from `first` on; -1 if there is none. */
function find(part: usize, first: i32, token: i32): i32 {
  let node = first;
  while (node >= 0 && load<i32>(int(part, plan.nodeToken, node)) != token) {
    node = load<i32>(int(part, plan.nodeSibling, node));
  }
  return node;
}

/** Builds the trie of a group's documents, the last one excluded. */
export function buildTrie(part: usize, firstDocument: i32, lastDocument: i32): void {
  let nodes = 0;
  let entries = 0;
  let pairs = 0;
  let root = -1;
  const apart = dropping();
  for (let d = firstDocument; d < lastDocument; d++) {
    const tokens = plan.tokens + (<usize> load<i32>(plan.documentStart + (d << 2)) << 2);
    const length = load<i32>(plan.documentLength + (d << 2));
    const weight = load<f32>(plan.documentWeight + (d << 2));
    let parent = -1;
    if (apart) root = -1;
    for (let i = 0; i < length; i++) {
      const token = load<i32>(tokens + (i << 2));
      const first = parent < 0 ? root : load<i32>(int(part, plan.nodeChild, parent));
      let node = find(part, first, token);
      if (node < 0) {
        node = nodes++;
        store<i32>(int(part, plan.nodeToken, node), token);
        store<i32>(int(part, plan.nodeDepth, node), i);
        store<i32>(int(part, plan.nodeChild, node), -1);
        store<i32>(int(part, plan.nodeSibling, node), first);
        store<i32>(int(part, plan.nodePairs, node), pairs);
        store<f32>(int(part, plan.nodeWeight, node), 0);
        if (apart) store<i32>(int(part, plan.nodeKey, node), load<i32>(plan.documentKey + (d << 2)));
        if (parent < 0) root = node;
        else store<i32>(int(part, plan.nodeChild, parent), node);
        // What attention looks at: the parent's ancestors and the node itself.
        const ancestors = int(part, plan.ancestors, pairs);
        if (i > 0) {
          memory.copy(ancestors, int(part, plan.ancestors, load<i32>(int(part, plan.nodePairs, parent))), i << 2);
        }
        store<i32>(ancestors + (i << 2), node * plan.qkvStride);
        pairs += i + 1;
      }
      store<i32>(int(part, plan.entryNode, entries), node);
      store<i32>(int(part, plan.entryTarget, entries), load<i32>(tokens + ((i + 1) << 2)));
      store<f32>(int(part, plan.entryWeight, entries), weight);
      const sum = int(part, plan.nodeWeight, node);
      store<f32>(sum, load<f32>(sum) + weight);
      entries++;
      parent = node;
    }
  }
  store<i32>(part + plan.nodes, nodes);
  store<i32>(part + plan.entries, entries);
}
