"""Conway's game of life on a torus, written with rolls, with slices and with padding."""


def step_by_rolls(np, world):
    """Return the next generation."""
    neighbours = sum(np.roll(np.roll(world, i, 0), j, 1) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0))
    return ((neighbours == 3) | ((world == 1) & (neighbours == 2))).astype(np.uint8)


def step_by_slices(np, world):
    """Return the next generation, borders being dead."""
    count = np.zeros(world.shape, dtype=np.uint8)
    count[1:] += world[:-1]
    count[:-1] += world[1:]
    count[:, 1:] += world[:, :-1]
    count[:, :-1] += world[:, 1:]
    count[1:, 1:] += world[:-1, :-1]
    count[:-1, :-1] += world[1:, 1:]
    count[1:, :-1] += world[:-1, 1:]
    count[:-1, 1:] += world[1:, :-1]
    fresh = world.copy()
    fresh[(world == 1) & ((count < 2) | (count > 3))] = 0
    fresh[(world == 0) & (count == 3)] = 1
    return fresh


def step_by_windows(np, world):
    """Return the next generation, from windows of a padded world."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(world, 1, mode="wrap"), (3, 3))
    total = windows.sum(axis=(2, 3), dtype=np.uint8)
    return np.where((total == 3) | ((total == 4) & (world == 1)), 1, 0).astype(np.uint8)


def main(np):
    """Return the last worlds, the population over time and a picture."""
    soup = (np.random.default_rng(7).random((20, 26)) < 0.3).astype(np.uint8)
    glider = np.zeros((12, 12), np.uint8)
    glider[1:4, 1:4] = [[0, 1, 0], [0, 0, 1], [1, 1, 1]]
    history = []
    rolled, sliced, windowed = soup, glider, soup
    for _ in range(8):
        rolled, sliced, windowed = step_by_rolls(np, rolled), step_by_slices(np, sliced), step_by_windows(np, windowed)
        history.append((int(rolled.sum()), int(sliced.sum()), bool((rolled == windowed).all())))
    picture = "\n".join("".join(".#"[cell] for cell in row) for row in sliced)
    return rolled, sliced, windowed, history, picture
