/**
 * What flags are called in other programs of this field, so that a name that somebody brings gets the right one named.
 *
 * @module
 */

/** The names of makemore, nanoGPT, minGPT, llama2.c, Hugging Face and PyTorch, by the flag that does the same here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "steps": "max_iters max_steps num_steps iters iterations num_iterations epochs num_epochs num_train_epochs",
  "samples": "num_samples num_return_sequences",
  "prompt": "start start_text input_prompt",
  "learning-rate": "lr max_lr alpha",
  "min-learning-rate": "min_lr",
  "warmup": "warmup_iters warmup_steps",
  "schedule": "lr_schedule lr_scheduler lr_scheduler_type",
  "batch": "batch_size micro_batch_size per_device_train_batch_size",
  "n-embd": "d_model dim hidden_size embed_dim emb_dim embedding_dim width",
  "n-layer": "n_layers num_layers num_hidden_layers depth",
  "n-head": "n_heads num_heads num_attention_heads heads",
  "block-size": "context_length context_size ctx ctx_len n_ctx seq_len sequence_length max_seq_len n_positions",
  "max-length": "max_new_tokens max_tokens num_tokens length",
  "clip-norm": "grad_clip max_grad_norm clip_grad clip",
  "weight-decay": "wd",
  "eps": "epsilon adam_epsilon adam_eps",
  "beta1": "adam_beta1",
  "beta2": "adam_beta2",
  "eval-every": "eval_interval eval_steps",
  "eval-documents": "eval_iters",
  "log-every": "log_interval logging_steps print_every",
  "checkpoint-every": "save_interval save_steps save_every always_save_checkpoint",
  "patience": "early_stopping early_stopping_patience",
  "val-fraction": "val_split validation_split test_size",
  "data": "input input_file data_file dataset data_dir train_data text",
  "out": "out_dir output output_dir output_file save work_dir",
  "model": "checkpoint ckpt checkpoint_path load init_from",
  "resume": "resume_from_checkpoint restore",
  "init-from": "model_name_or_path pretrained from_pretrained pretrained_model finetune fine_tune finetune_from",
  "threads": "num_threads workers num_workers omp_num_threads",
  "seed": "random_seed manual_seed",
  "top-k": "k",
  "top-p": "p nucleus",
  "quiet": "silent",
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const FLAGS_BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(OTHER_NAMES).flatMap(([flag, names]) => names.split(" ").map((name) => [plain(name), flag])),
);

/**
 * The flag among these that a name from elsewhere stands for, in any spelling: `--n_embd`, `-nEmbd`, `--max_iters`.
 *
 * @param names The task's flags.
 * @returns Undefined if the name is not known, or the task has no such flag.
 */
export function flagFor(name: string, names: readonly string[]): string | undefined {
  const word = plain(name);
  const same = names.find((flag) => plain(flag) === word);
  if (same !== undefined) return same;
  const flag = FLAGS_BY_NAME.get(word);
  return flag !== undefined && names.includes(flag) ? flag : undefined;
}
