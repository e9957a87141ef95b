"""A pipeline on an image of bytes: blur, edges, threshold, labels of connected parts, equalization, and a resized copy."""


def blurred(np, image, width=2):
    """Return means of squares, from sums of rectangles."""
    padded = np.pad(image.astype(np.int64), width, mode="edge")
    total = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    side = 2 * width + 1
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    return (sums // side**2).astype(np.uint8)


def edges(np, image):
    """Return the absolute gradients by Sobel's kernels."""
    f = image.astype(np.int16)
    dx = f[:-2, 2:] + 2 * f[1:-1, 2:] + f[2:, 2:] - f[:-2, :-2] - 2 * f[1:-1, :-2] - f[2:, :-2]
    dy = f[2:, :-2] + 2 * f[2:, 1:-1] + f[2:, 2:] - f[:-2, :-2] - 2 * f[:-2, 1:-1] - f[:-2, 2:]
    return np.clip(np.abs(dx) + np.abs(dy), 0, 255).astype(np.uint8)


def equalized(np, image):
    """Return the image with its levels spread evenly."""
    counts = np.bincount(image.ravel(), minlength=256)
    levels = np.cumsum(counts) * 255 // image.size
    return levels.astype(np.uint8)[image]


def labelled(np, mask):
    """Return labels of connected parts, by spreading the largest number."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        spread = labels.copy()
        np.maximum(spread[1:], labels[:-1], out=spread[1:])
        np.maximum(spread[:-1], labels[1:], out=spread[:-1])
        np.maximum(spread[:, 1:], labels[:, :-1], out=spread[:, 1:])
        np.maximum(spread[:, :-1], labels[:, 1:], out=spread[:, :-1])
        spread[~mask] = 0
        if np.array_equal(spread, labels):
            return np.unique(labels, return_inverse=True)[1].reshape(mask.shape)
        labels = spread


def main(np):
    """Return what every stage gives."""
    y, x = np.mgrid[0:24, 0:32]
    image = np.zeros((24, 32), dtype=np.uint8)
    for cy, cx, r, level in [(6, 7, 4, 200), (15, 20, 6, 120), (5, 25, 3, 250)]:
        image[(y - cy) ** 2 + (x - cx) ** 2 <= r * r] = level
    image ^= np.random.default_rng(9).integers(0, 16, image.shape, dtype=np.uint8)
    soft = blurred(np, image)
    mask = soft > 90
    labels = labelled(np, mask)
    colour = np.dstack([image, equalized(np, image), 255 - image])
    grey = (colour @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)
    small = image.reshape(12, 2, 16, 2).mean(axis=(1, 3))
    boxes = [
        [int(side) for side in (ys.min(), ys.max(), xs.min(), xs.max())]
        for ys, xs in (np.nonzero(labels == k) for k in range(1, labels.max() + 1))
    ]
    return soft, edges(np, soft), mask, labels, colour, grey, small, boxes, np.rot90(image)[::2, ::3].T
