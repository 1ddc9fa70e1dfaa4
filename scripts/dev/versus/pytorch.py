"""The same model and step in PyTorch eager, written plainly: prints the milliseconds of each step.

Usage: python3 pytorch.py LAYERS WIDTH BLOCK BATCH HEADS VOCABULARY THREADS STEPS
"""

import sys
import time

import torch
import torch.nn.functional as F

n_layer, n_embd, block, batch, n_head, vocab, threads, steps = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)


def norm(x):
    return x * (x.pow(2).mean(-1, keepdim=True) + 1e-5).rsqrt()


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = torch.nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.out = torch.nn.Linear(n_embd, n_embd, bias=False)
        self.fc1 = torch.nn.Linear(n_embd, 4 * n_embd, bias=False)
        self.fc2 = torch.nn.Linear(4 * n_embd, n_embd, bias=False)
        self.register_buffer("mask", torch.ones(block, block).tril() == 0)

    def attention(self, x):
        heads = lambda t: t.view(batch, block, n_head, n_embd // n_head).transpose(1, 2)
        q, k, v = map(heads, self.qkv(x).split(n_embd, 2))
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:  # before PyTorch 2
            scores = q @ k.transpose(2, 3) * (n_embd // n_head) ** -0.5
            y = scores.masked_fill(self.mask, float("-inf")).softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(batch, block, n_embd))

    def forward(self, x):
        x = x + self.attention(norm(x))
        return x + self.fc2(F.relu(self.fc1(norm(x))))


class GPT(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = torch.nn.Embedding(vocab, n_embd)
        self.wpe = torch.nn.Embedding(block, n_embd)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(n_layer))
        self.lm_head = torch.nn.Linear(n_embd, vocab, bias=False)
        for parameter in self.parameters():
            torch.nn.init.normal_(parameter, std=0.08)

    def forward(self, tokens, targets):
        x = norm(self.wte(tokens) + self.wpe.weight)
        for layer in self.layers:
            x = layer(x)
        return F.cross_entropy(self.lm_head(x).view(-1, vocab), targets.reshape(-1))


model = GPT()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.85, 0.99), eps=1e-8)
text = torch.randint(vocab, (batch, block + 1))
for _ in range(steps):
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = model(text[:, :-1], text[:, 1:])
    loss.backward()
    optimizer.step()
    print(1000 * (time.perf_counter() - start), flush=True)
