"""The sizes of the paper's Table 1, written there as height x width x channels, and how a network's are found out."""

TABLE_1 = [
    ('Conv2d', (64, 264, 256), (64, 8, 256)),
    ('LeakyReLU', (64, 264, 256), (64, 8, 256)),
    ('MaxPool2d', (64, 264, 256), (64, 8, 256)),
    ('Conv2d', (32, 132, 512), (32, 4, 512)),
    ('Flatten', (32 * 132 * 512,), (32 * 4 * 512,)),
    ('Linear', (8,), (8,)),
]


def shapes(network, x):
    found = []
    for layer in network:
        x = layer(x)
        shape = tuple(x.shape[1:])
        found.append((type(layer).__name__, shape if len(shape) == 1 else (*shape[1:], shape[0])))
    return found


def multiply_adds(network, x):
    """Count the multiply-adds of a forward pass in convolutions and dense layers, by their definition."""
    import torch

    total = 0

    def count(layer, inputs, output):
        nonlocal total
        total += output[0].numel() * layer.weight[0].numel()

    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            layer.register_forward_hook(count)
    network.eval()(x)
    return total
