"""A language model made on the spot that always says one sentence: real weights, a real tokenizer, the real protocol.

Attention and feed-forward layers write nothing (their output projections are 0), so the last token alone decides: its
embedding is the output row of the token that follows it in the sentence. A sentence without repeated tokens is a chain.
"""

from itertools import pairwise
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MARKS = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>"]
MAX_POSITIONS = 16384


def write_tiny_model(folder: Path, sentence: str, *, n_positions: int = MAX_POSITIONS) -> Path:
    """Writes a Llama of one small layer and a byte-level tokenizer, as `transformers` saves them."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=MARKS, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([sentence] * 9, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=n_positions,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    chain = [fast.convert_tokens_to_ids("<|assistant|>"), *fast(sentence)["input_ids"], fast.eos_token_id]
    assert len(set(chain)) == len(chain), "a token comes twice"
    with torch.no_grad():
        model.model.layers[0].self_attn.o_proj.weight.zero_()
        model.model.layers[0].mlp.down_proj.weight.zero_()
        embeddings = model.model.embed_tokens.weight.normal_()
        model.lm_head.weight.zero_()
        for token, following in pairwise(chain):
            model.lm_head.weight[following] = embeddings[token]
    model.save_pretrained(folder)
    return folder
