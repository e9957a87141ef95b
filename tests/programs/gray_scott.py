"""The reaction and diffusion of Gray and Scott, in place."""


def laplacian(field):
    """Return the five-point stencil inside the borders."""
    return field[:-2, 1:-1] + field[1:-1, :-2] - 4 * field[1:-1, 1:-1] + field[1:-1, 2:] + field[2:, 1:-1]


def main(np):
    """Return both fields after some steps, and a frame of bytes."""
    size, feed, kill = 24, 0.035, 0.065
    fields = np.zeros((size + 2, size + 2), [("U", np.double), ("V", np.double)])
    u, v = fields["U"][1:-1, 1:-1], fields["V"][1:-1, 1:-1]
    u[...] = 1.0
    middle = slice(size // 2 - 5, size // 2 + 5)
    u[middle, middle] = 0.5
    v[middle, middle] = 0.25
    u += 0.05 * np.random.default_rng(1).uniform(-1, +1, (size, size))
    v += 0.05 * np.random.default_rng(2).uniform(-1, +1, (size, size))
    for _ in range(12):
        reaction = u * v * v
        u += 0.16 * laplacian(fields["U"]) - reaction + feed * (1 - u)
        v += 0.08 * laplacian(fields["V"]) + reaction - (feed + kill) * v
    low, high = v.min(), v.max()
    # A scalar type called gives an ndarray: it is NumPy's own class.
    frame = np.asarray(np.uint8(255 * (v - low) / (high - low)))
    return fields, frame, np.histogram(frame, bins=8)
