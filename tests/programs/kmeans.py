"""k-means by Lloyd's algorithm, on points of whole numbers."""


def main(np):
    """Return the centres, the label of each point, and the inertia of each round."""
    rng = np.random.default_rng(42)
    centres = np.array([[0, 0], [400, 30], [-250, 310], [120, -380]])
    points = np.concatenate([centre + rng.integers(-60, 61, size=(150, 2)) for centre in centres]).astype(float)
    rng.shuffle(points)
    means = points[rng.choice(len(points), size=4, replace=False)].copy()
    inertia = []
    for _ in range(12):
        distances = ((points[:, np.newaxis, :] - means[np.newaxis, :, :]) ** 2).sum(axis=2)
        labels = distances.argmin(axis=1)
        inertia.append(float(distances[np.arange(len(points)), labels].sum()))
        fresh = np.stack([points[labels == k].mean(axis=0) if np.any(labels == k) else means[k] for k in range(4)])
        if np.allclose(fresh, means):
            break
        means = fresh
    return means[np.lexsort(means.T)], np.bincount(labels, minlength=4), inertia
