"""Monte Carlo: the number pi, the price of an option, a random walk, and a bootstrap."""


def main(np):
    """Return estimates, and what they were made of."""
    rng = np.random.default_rng(2024)
    points = rng.random((2, 4000))
    inside = (points**2).sum(axis=0) <= 1
    pi = 4 * np.count_nonzero(inside) / inside.size

    paths = 100 * np.exp(np.cumsum(rng.normal(0.0002, 0.01, (100, 50)), axis=1))
    payoff = np.maximum(paths[:, -1] - 100, 0)
    price = payoff.mean()

    steps = rng.choice([-1, 1], size=(60, 200))
    walks = steps.cumsum(axis=1)
    crossed = np.any(np.abs(walks) >= 20, axis=1)
    first = np.where(crossed, np.argmax(np.abs(walks) >= 20, axis=1), -1)

    sample = rng.poisson(4, 200)
    means = sample[rng.integers(0, sample.size, (60, sample.size))].mean(axis=1)
    np.random.seed(5)
    dice = np.random.randint(1, 7, size=(1000, 2)).sum(axis=1)
    counts = np.unique(dice, return_counts=True)
    return inside, pi, payoff, price, walks, crossed, first, np.percentile(means, [2.5, 50, 97.5]), counts
