"""Programs that others wrote in plain NumPy: drivers of ours for packages that are installed beside this one.

Each driver gets two modules, numpy or compactarray: ``np`` for the data that it makes, and ``inside``, which is put in the place of NumPy
in the package, as if its import line had been changed.
"""

import importlib
import io
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy

#: Modules of NumPy's that packages import under a name of their own.
_MODULES = {f"numpy.{name}" for name in ("fft", "linalg", "random", "testing")} | {"numpy"}

#: What is needed to show results only.
_PLOTTING = ("PIL", "matplotlib", "matplotlib.pyplot", "matplotlib.animation", "matplotlib.collections", "mpl_toolkits.mplot3d")


def modules(package):
    """Return a package's modules that are loaded."""
    return [module for name, module in sys.modules.items() if name == package or name.startswith(f"{package}.")]


def counterpart(value, np):
    """Return what `np` has for a module, function or ufunc of NumPy's; None for anything else."""
    if isinstance(value, types.ModuleType):
        if value.__name__ not in _MODULES:
            return None
        inner = value.__name__.partition(".")[2]
        return getattr(np, inner) if inner else np
    name = getattr(value, "__name__", None)
    if isinstance(value, type) or not callable(value) or not isinstance(name, str):
        return None
    for inner in ("", "linalg", "random", "fft"):
        source = getattr(numpy, inner) if inner else numpy
        if getattr(source, name, None) is value:
            return getattr(getattr(np, inner) if inner else np, name)
    return None


@contextmanager
def switched(package: str, np: types.ModuleType) -> Iterator[None]:
    """Let ``np`` stand for NumPy in all modules of a package."""
    kept = []
    try:
        for module in modules(package):
            for name, value in list(vars(module).items()):
                found = counterpart(value, np)
                if found is not None and not name.startswith("__"):
                    kept.append((module, name, value))
                    setattr(module, name, found)
        yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)


def loaded(package: str) -> types.ModuleType:
    """Import a package; what it would plot with is not needed."""
    absent = [name for name in _PLOTTING if name not in sys.modules]
    # Only these: other threads import, too.
    sys.modules.update({name: mock.MagicMock() for name in absent})
    try:
        return importlib.import_module(package)
    finally:
        for name in absent:
            del sys.modules[name]


# --- the programs -----------------------------------------------------------------------------------


def life(np, inside):
    """Conway's game of life, and elementary automata (cellpylib)."""
    cpl = loaded("cellpylib")
    with switched("cellpylib", inside):
        start = np.zeros((1, 24, 24), dtype=int)
        start[0, [2, 3, 4, 4, 3], [3, 4, 2, 3, 4]] = 1
        start[0, 12, 10:13] = 1
        grids = cpl.evolve2d(start, timesteps=9, neighbourhood="Moore", apply_rule=cpl.game_of_life_rule, memoize="recursive")
        row = np.array([[0] * 20 + [1] + [0] * 20])
        lines = cpl.evolve(row, timesteps=30, memoize=True, apply_rule=lambda n, c, t: cpl.nks_rule(n, 110))
        entropy = cpl.average_cell_entropy(lines)
        shared = cpl.average_mutual_information(lines)
        derived = cpl.bien("".join(str(int(x)) for x in lines[-1]))
    return grids, lines, float(entropy), float(shared), float(derived)


def kalman(np, inside):
    """Tracking in a plane: a Kalman filter, its smoother, and an unscented one (filterpy)."""
    loaded("filterpy")
    fk, fc = importlib.import_module("filterpy.kalman"), importlib.import_module("filterpy.common")
    with switched("filterpy", inside):
        rng = np.random.default_rng(4)
        dt = 0.5
        tracker = fk.KalmanFilter(dim_x=4, dim_z=2)
        tracker.F = np.array([[1, dt, 0, 0], [0, 1, 0, 0], [0, 0, 1, dt], [0, 0, 0, 1.0]])
        tracker.H = np.array([[1, 0, 0, 0], [0, 0, 1, 0.0]])
        tracker.x = np.zeros(4)
        tracker.P *= 50
        tracker.R *= 4.0
        tracker.Q = np.kron(np.eye(2), np.array([[0.01, 0.02], [0.02, 0.05]]))
        seen = np.stack([np.linspace(0, 40, 40), 5 + np.arange(40) / 4], axis=1) + rng.normal(scale=2.0, size=(40, 2))
        means, covariances, _, _ = tracker.batch_filter(seen)
        smooth, smooth_covariances, *_ = tracker.rts_smoother(means, covariances)
        points = fk.MerweScaledSigmaPoints(4, alpha=0.1, beta=2.0, kappa=-1)
        unscented = fk.UnscentedKalmanFilter(
            dim_x=4, dim_z=2, dt=dt, fx=lambda x, dt: np.dot(tracker.F, x), hx=lambda x: x[[0, 2]], points=points
        )
        unscented.P *= 10
        unscented.Q = fc.Q_discrete_white_noise(dim=2, dt=dt, var=0.1, block_size=2)
        path = []
        for z in seen:
            unscented.predict()
            unscented.update(z)
            path.append(unscented.x.copy())
    return means, covariances, smooth, smooth_covariances, np.array(path)


def monte_carlo(np, inside):
    """An ensemble of walkers that sample a line's slope, offset and noise (emcee)."""
    emcee = loaded("emcee")
    with switched("emcee", inside):
        rng = np.random.RandomState(5)
        x = np.sort(10 * rng.rand(40))
        y = 0.7 * x + 2.5 + 0.4 * rng.randn(40)

        def log_probability(theta):
            slope, offset, log_noise = theta
            if not (-5 < slope < 5 and -10 < offset < 10 and -5 < log_noise < 2):
                return -np.inf
            return float(-0.5 * np.sum(((y - slope * x - offset) / np.exp(log_noise)) ** 2) - x.size * log_noise)

        sampler = emcee.EnsembleSampler(12, 3, log_probability)
        sampler.random_state = rng.get_state()
        start = np.array([0.5, 2.0, -1.0]) + 0.01 * rng.randn(12, 3)
        sampler.run_mcmc(start, 60)
        chain = sampler.get_chain(discard=10, flat=True)
        time = emcee.autocorr.integrated_time(sampler.get_chain(), quiet=True)
    return chain, sampler.get_log_prob(), sampler.acceptance_fraction, time


def group_by(np, inside):
    """Sums, means, extremes and more of groups, in one and two keys (numpy-groupies)."""
    loaded("numpy_groupies")
    aggregate = importlib.import_module("numpy_groupies.aggregate_numpy").aggregate
    with switched("numpy_groupies", inside):
        rng = np.random.default_rng(6)
        keys = rng.integers(0, 17, 3000)
        amounts = np.round(rng.gamma(2.0, 20.0, 3000), 2)
        amounts[::97] = np.nan
        counts = rng.poisson(4, 3000)
        names = [
            "sum",
            "prod",
            "mean",
            "var",
            "std",
            "min",
            "max",
            "argmin",
            "argmax",
            "first",
            "last",
            "all",
            "any",
            "len",
            "sumofsquares",
        ]
        found = [aggregate(keys, counts, func=name) for name in names]
        found += [
            aggregate(keys, amounts, func=name)
            for name in (
                "nansum",
                "nanmean",
                "nanmax",
                "nanvar",
                "nanstd",
                "nanlen",
                "nanfirst",
                "anynan",
                "allnan",
                "nanargmax",
                "median",
                "sum",
            )
        ]
        found += [aggregate(keys, counts, func=name) for name in ("cumsum", "sort", "dsort")]
        found.append(aggregate(np.vstack([keys, counts % 3]), counts, func="sum", size=(17, 3), fill_value=-1))
        found.append(aggregate(keys, counts, func=lambda values: np.median(values), dtype=float))
    return found


def image(np, inside):
    """Layers of an image blended in all modes, and written as PNG (blend-modes, numpngw)."""
    blend, png = loaded("blend_modes"), loaded("numpngw")
    rng = numpy.random.default_rng(7)
    with switched("blend_modes", inside), switched("numpngw", inside), mock.patch.object(png, "_time") as clock:
        clock.strftime.return_value = "2026-01-01T00:00:00Z"
        back = np.zeros((32, 40, 4))
        back[..., :3] = np.linspace(0, 255, 40)[None, :, None]
        back[..., 3] = 255
        front = np.array(rng.integers(0, 256, (32, 40, 4)).astype(float))
        modes = "addition darken_only difference divide dodge grain_extract grain_merge hard_light lighten_only multiply normal overlay screen soft_light subtract"
        layers = [getattr(blend, mode)(back, front, 0.6) for mode in modes.split()]
        files = []
        for layer, depth in zip(layers[:4], ("u1", "u1", "u2", "u2"), strict=True):
            target = io.BytesIO()
            pixels = np.clip(np.nan_to_num(layer[..., :3]) * (257 if depth == "u2" else 1), 0, 65535 if depth == "u2" else 255)
            png.write_png(target, pixels.astype(depth), filter_type=4 if depth == "u1" else 0)
            files.append(target.getvalue())
        target = io.BytesIO()
        png.write_png(target, (front[..., :3] // 128 * 100).astype("u1"), use_palette=True, interlace=1)
        files.append(target.getvalue())
        target = io.BytesIO()
        png.write_png(target, (back[..., 0] > 100).astype("u1"), bitdepth=1)
        files.append(target.getvalue())
    return layers, files


def map_of_colours(np, inside):
    """A self-organizing map, which is k-means with neighbours (minisom)."""
    minisom = loaded("minisom")
    with switched("minisom", inside):
        data = np.random.default_rng(8).normal(size=(60, 3)) + np.repeat(np.eye(3) * 5, 20, axis=0)
        som = minisom.MiniSom(4, 4, 3, sigma=1.2, learning_rate=0.5, random_seed=1)
        som.pca_weights_init(data)
        som.train(data, 200)
        winners = [tuple(int(k) for k in som.winner(x)) for x in data]
        return som.get_weights(), winners, som.distance_map(), som.activation_response(data), float(som.quantization_error(data))


def outlines(np, inside):
    """Elliptic Fourier descriptors of outlines, normalized, and the outlines made of them again (pyefd)."""
    pyefd = loaded("pyefd")
    with switched("pyefd", inside):
        angles = np.linspace(0, 2 * np.pi, 80)
        radius = 3 + np.cos(5 * angles)
        contour = np.stack([radius * np.cos(angles), 2 * radius * np.sin(angles)], axis=1)
        coefficients = pyefd.elliptic_fourier_descriptors(contour, order=8)
        normal = pyefd.elliptic_fourier_descriptors(contour, order=8, normalize=True)
        middle = pyefd.calculate_dc_coefficients(contour)
        again = pyefd.reconstruct_contour(coefficients, locus=middle, num_points=50)
    return coefficients, normal, tuple(float(x) for x in middle), again


def k_means(np, inside):
    """Points in a space around centres, found from a start of k-means++ (clustering-algorithms)."""
    loaded("clustering_algorithms")
    means = importlib.import_module("clustering_algorithms.k_means").KMeans(5, iterations=30, tolerance=1e-6)
    with switched("clustering_algorithms", inside):
        inside.random.seed(11)
        points = np.random.default_rng(9).normal(size=(200, 3)) + np.repeat(np.arange(15.0).reshape(5, 3) * 3, 40, axis=0)
        centroids, clusters = means.fit(points)
        again = means.predict(points[::7] + 0.5, centroids)
    return centroids, clusters, again, means.distances(points[:9], centroids)


def reaction(np, inside):
    """Gray-Scott: two substances that diffuse and react, from spots and from the middle (heaton-life)."""
    loaded("heaton_life")
    rd = importlib.import_module("heaton_life.rd")
    with switched("heaton_life", inside):
        found = []
        for start in ("spots", "center"):
            system = rd.GrayScott(size=(12, 10), init=start, spots=2, seed=3, **rd.GRAY_SCOTT_PRESETS["Coral"])
            system.step(5)
            system.clear_rect(3, 4, 6, 9)
            system.step(5)
            found += [system.state, system.frame()]
        given = rd.GrayScott(size=(12, 10), init=inside.asarray(found[0]))
        given.step(3)
    return [*found, given.state]


#: Program -> the package that it needs, and what results may differ by, relative to the largest: by floating reductions.
PROGRAMS = {
    life: ("cellpylib", 1e-14),
    kalman: ("filterpy", 1e-9),
    monte_carlo: ("emcee", 1e-9),
    group_by: ("numpy_groupies", 1e-13),
    image: ("blend_modes", 0.0),
    map_of_colours: ("minisom", 1e-9),
    outlines: ("pyefd", 1e-12),
    k_means: ("clustering_algorithms", 1e-9),
    reaction: ("heaton_life", 0.0),
}
#: Programs that take nothing but instances of numpy.ndarray, which they are asked for by name: compact inputs need the import changed, too.
PARTICULAR = {image}
