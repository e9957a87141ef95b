"""Example calls of functions that are made of others; as in `tests.cases`, which has the samples."""

#: Function -> calls, one a line.
FORMULAS: dict[str, str] = {
    "np.cov": """
        np.cov(f)
        np.cov(x)
        np.cov(m, rowvar=False)
        np.cov(x, v)
        np.cov(f, f[:3], bias=True)
        np.cov(f, ddof=0, fweights=k[:30], aweights=oc + 2)
        np.cov(f, aweights=oc + 2)
        np.cov(c.reshape(3, 100))
        np.cov(f, dtype='f4')
        np.cov(h, y=h, rowvar=False)
        np.cov(t)
        np.cov(f, fweights=x[:30])
        np.cov(f, fweights=k)
        np.cov(f, aweights=x[:30])
        np.cov(f, ddof=0.5)
        np.cov(f, x)
        np.cov(x[:1])
    """,
    "np.corrcoef": """
        np.corrcoef(f)
        np.corrcoef(x)
        np.corrcoef(x, v)
        np.corrcoef(h, rowvar=False)
        np.corrcoef(c.reshape(3, 100))
        np.corrcoef(o2)
    """,
    "np.nanvar": """
        np.nanvar(n[:20])
        np.nanvar(g, axis=0)
        np.nanvar(g[:, 5:], 1, keepdims=True)
        np.nanvar(v)
        np.nanvar(tf, axis=(0, 2))
        np.nanvar(f[:16], axis=0, out=oc)
        np.nanvar(g, where=e)
        np.nanvar(g, 0, 'i4')
        np.nanvar(np.where(e, g, np.nan), axis=1, ddof=1)
        np.nanvar(g, 1, correction=1)
        np.nanvar(g * np.nan, 0)
        np.nanvar(c)
        np.nanvar(g, 0, mean=np.nanmean(g, 0, keepdims=True))
    """,
    "np.nanstd": """
        np.nanstd(n[:20])
        np.nanstd(g, axis=0)
        np.nanstd(g[:, 5:], 1, keepdims=True)
        np.nanstd(v)
        np.nanstd(tf, axis=(0, 2))
        np.nanstd(f[:16], axis=0, out=oc)
        np.nanstd(g, 0, ddof=2)
        np.nanstd(g, 1, ddof=1, correction=1)
    """,
    "np.gradient": """
        np.gradient(x)
        np.gradient(v)
        np.gradient(f)
        np.gradient(h, 0.5)
        np.gradient(m, 2, axis=1)
        np.gradient(tf, 0.5, s[:8] * 2, v[:9] + np.arange(9) * 100, edge_order=2)
        np.gradient(x, s * 0.5 + p)
        np.gradient(x, np.arange(300) / 4, edge_order=2)
        np.gradient(d)
        np.gradient(c, edge_order=2)
        np.gradient(g)
        np.gradient(x, f)
        np.gradient(x, v[:7])
        np.gradient(f, 1, 2, 3)
        np.gradient(x, edge_order=3)
        np.gradient(one)
        np.gradient(b)
        np.gradient(u, axis=(0, 2))
        np.gradient(g, p[:30], axis=1)
        np.gradient(x.astype('f4'), np.float64(0.3))
    """,
    "np.cross": """
        np.cross(f.reshape(200, 3), m.reshape(200, 3))
        np.cross(tf[:3], tf[2:], axis=0)
        np.cross(f[:3], x[:3], 0, 0, 0)
        np.cross(h.T.reshape(3, 200), w[:3], axisa=0)
        np.cross(v, x)
        np.cross(f[:, :3], f[:7, :3])
        np.cross(v[3, ...], x)
        np.cross(f[:, :3], f[:, :3], axisc=5)
        np.cross(c.reshape(100, 3), k.reshape(100, 3))
    """,
    "np.linalg.cross": """
        np.linalg.cross(f.reshape(200, 3), m.reshape(200, 3))
        np.linalg.cross(f[:3], h[:3], axis=0)
        np.linalg.cross(f, h)
    """,
    "np.kron": """
        np.kron(q, w[:9])
        np.kron(m[:3, :4], f)
        np.kron(h[:3], k[:7])
        np.kron(v, 3)
        np.kron(t[:2, :3], m[:2, :5])
        np.kron(h[:4], h[:, :3])
    """,
    "np.packbits": """
        np.packbits(b)
        np.packbits(e)
        np.packbits(e, axis=0)
        np.packbits(m, 1, bitorder='little')
        np.packbits(v[:13])
        np.packbits(u, axis=1)
        np.packbits(x)
        np.packbits(b, 1)
        np.packbits(b, bitorder='x')
    """,
    "np.unpackbits": """
        np.unpackbits(u)
        np.unpackbits(np.tile(v.astype('u1'), 9))
        np.unpackbits(o1.astype('u1'))
        np.unpackbits(u, axis=1)
        np.unpackbits(u, axis=0, count=13)
        np.unpackbits(v.astype('u1'), bitorder='little')
        np.unpackbits(v.astype('u1'), count=-7)
        np.unpackbits(v.astype('u1'), count=5000)
        np.unpackbits(v)
        np.unpackbits(v.astype('u1'), count=-7000)
    """,
    "np.convolve": """
        np.convolve(v, w[:5])
        np.convolve(x, q, 'same')
        np.convolve(q, x, 'valid')
        np.convolve(w, p)
        np.convolve(q[:36], x, 'same')
        np.convolve(c, c[:7])
        np.convolve(b, b[:3])
        np.convolve(v[:0], w)
        np.convolve(v, w[:0])
        np.convolve(f, x)
        np.convolve(v, 3)
        np.convolve(v, w, 'x')
        np.convolve(v[::-1], w[::2], 'same')
    """,
    "np.correlate": """
        np.correlate(v, w[:5])
        np.correlate(x, q, 'same')
        np.correlate(q, x, 'valid')
        np.correlate(w, p, 'full')
        np.correlate(q[:36], x, 'same')
        np.correlate(c[:7], c, 'same')
        np.correlate(c, c[:7], 'full')
        np.correlate(v[:0], w)
        np.correlate(f, x)
        np.correlate(v, w, 'x')
    """,
    "np.interp": """
        np.interp(x, np.sort(s), v)
        np.interp(f, np.sort(p), x)
        np.interp(h, [1, 2, 5], [3.5, 2, 1], left=-9, right=9)
        np.interp(n, np.sort(p), v)
        np.interp(x, np.sort(x), c)
        np.interp(v, p, x, period=360)
        np.interp(v, p, x)
        np.interp(v, p, x[:7])
        np.interp(v, f, f)
        np.interp(v, p[:0], x[:0])
        np.interp(3, np.sort(p), x)
        np.interp(v, np.sort(p), x, period=0)
        np.interp(w, np.sort(v), x, left=7)
    """,
    "np.lib.scimath.sqrt": """
        np.lib.scimath.sqrt(v)
        np.lib.scimath.sqrt(x)
        np.lib.scimath.sqrt(n)
        np.lib.scimath.sqrt(w)
        np.lib.scimath.sqrt(c)
        np.lib.scimath.sqrt(b)
        np.lib.scimath.sqrt(h)
    """,
    "np.lib.scimath.log": """
        np.lib.scimath.log(v)
        np.lib.scimath.log(f + 51)
        np.lib.scimath.log(x)
    """,
    "np.lib.scimath.log10": """
        np.lib.scimath.log10(v + 1)
        np.lib.scimath.log10(g)
    """,
    "np.lib.scimath.log2": """
        np.lib.scimath.log2(v + 1)
        np.lib.scimath.log2(w)
    """,
    "np.lib.scimath.logn": """
        np.lib.scimath.logn(2, v + 1)
        np.lib.scimath.logn(v + 2, x)
        np.lib.scimath.logn(m + 2, 5)
    """,
    "np.lib.scimath.power": """
        np.lib.scimath.power(v + 1, k - 1)
        np.lib.scimath.power(x, 0.5)
        np.lib.scimath.power(w, 2)
        np.lib.scimath.power(v, k)
    """,
    "np.lib.scimath.arccos": """
        np.lib.scimath.arccos(x / 60)
        np.lib.scimath.arccos(x)
        np.lib.scimath.arccos(y)
        np.lib.scimath.arccos(c)
    """,
    "np.lib.scimath.arcsin": """
        np.lib.scimath.arcsin(f / 60)
        np.lib.scimath.arcsin(n)
    """,
    "np.lib.scimath.arctanh": """
        np.lib.scimath.arctanh(f / 60)
        np.lib.scimath.arctanh(w)
    """,
    "np.strings.capitalize": """
        np.strings.capitalize(words)
        np.strings.capitalize(words2)
        np.strings.capitalize(words2.T)
        np.strings.capitalize(octets)
    """,
    "np.strings.lower": """
        np.strings.lower(words)
        np.strings.lower(words2)
        np.strings.lower(words2.T)
        np.strings.lower(octets)
    """,
    "np.strings.swapcase": """
        np.strings.swapcase(words)
        np.strings.swapcase(words2)
        np.strings.swapcase(words2.T)
        np.strings.swapcase(octets)
    """,
    "np.strings.title": """
        np.strings.title(words)
        np.strings.title(words2)
        np.strings.title(words2.T)
        np.strings.title(octets)
    """,
    "np.strings.upper": """
        np.strings.upper(words)
        np.strings.upper(words2)
        np.strings.upper(words2.T)
        np.strings.upper(octets)
    """,
    "np.strings.expandtabs": """
        np.strings.expandtabs(words)
        np.strings.expandtabs(words2)
        np.strings.expandtabs(words2.T)
        np.strings.expandtabs(octets)
    """,
    "np.strings.encode": """
        np.strings.encode(words)
        np.strings.encode(words2, 'utf-16')
        np.strings.encode(octets)
    """,
    "np.strings.decode": """
        np.strings.decode(octets)
        np.strings.decode(octets, 'latin1')
        np.strings.decode(words)
    """,
    "np.strings.center": """
        np.strings.center(words, k[:60] * 4)
        np.strings.center(words2.T, 9, '*')
        np.strings.center(octets, 9, b'.')
        np.strings.center(words, 1.5)
        np.strings.center(words, 5, '--')
    """,
    "np.strings.ljust": """
        np.strings.ljust(words, k[:60] * 4)
        np.strings.ljust(words2, [[7], [5], [1], [9], [2], [0]], '*')
    """,
    "np.strings.rjust": """
        np.strings.rjust(words, k[:60] * 4)
        np.strings.rjust(octets, 3)
    """,
    "np.strings.zfill": """
        np.strings.zfill(words, 9)
        np.strings.zfill(octets, k[:60] * 4)
    """,
    "np.strings.multiply": """
        np.strings.multiply(words, k[:60])
        np.strings.multiply(words2, 3)
        np.strings.multiply(octets, 0)
        np.strings.multiply(words, x[:60])
    """,
    "np.strings.mod": """
        np.strings.mod(np.strings.replace(words, 'a', '%s'), 'q')
        np.strings.mod(words, 5)
    """,
    "np.strings.replace": """
        np.strings.replace(words, 'a', 'bcd')
        np.strings.replace(words2, words2[::-1], 'x')
        np.strings.replace(octets, b'a', b'bc', k[:60])
        np.strings.replace(octets, 'a', 'bc', k[:60])
        np.strings.replace(octets, ['a'] * 60, 'bc')
        np.strings.replace(words, 'a', 'b', count=1)
    """,
    "np.strings.translate": """
        np.strings.translate(words, {97: 'zz', 98: None})
        np.strings.translate(octets, bytes(range(256)), b'a')
    """,
    "np.strings.partition": """
        np.strings.partition(words, '-')
        np.strings.partition(words2, words2[:, ::-1] )
        np.strings.partition(words, np.where(b[:60], 'zzzz', 'a'))
        np.strings.partition(octets, b'a')
    """,
    "np.strings.rpartition": """
        np.strings.rpartition(words, 'a')
        np.strings.rpartition(words2.T, 'a')
    """,
    "np.char.split": """
        np.char.split(words)
        np.char.split(words2, 'a', 1)
    """,
    "np.char.rsplit": """
        np.char.rsplit(words, '-', 1)
    """,
    "np.char.splitlines": """
        np.char.splitlines(words)
        np.char.splitlines(octets, True)
    """,
    "np.char.join": """
        np.char.join('-', words)
        np.char.join(words2, words2.T[:, :1].T)
    """,
    "np.char.equal": """
        np.char.equal(words, words[::-1])
        np.char.equal(words2, 'Beta')
        np.char.equal(words, v[:60])
    """,
    "np.char.not_equal": """
        np.char.not_equal(words, words[::-1])
    """,
    "np.char.less": """
        np.char.less(words, words[::-1])
        np.char.less(octets, b'Beta ')
    """,
    "np.char.less_equal": """
        np.char.less_equal(words, words[::-1])
    """,
    "np.char.greater": """
        np.char.greater(words2, words2.T[:, :1].T)
    """,
    "np.char.greater_equal": """
        np.char.greater_equal(words, words[::-1])
    """,
    "np.select": """
        np.select([b, v > 50], [x, w], 7)
        np.select([e, m > 50, f > 0], [m, f, 5.5])
        np.select([b], [v], d[0])
        np.select([b, b], [v])
        np.select([], [])
        np.select([v], [v])
        np.select([b], [e])
        np.select([e], [h], or_[:, None])
        np.select([b[3, ...], b], [c, 1], 0.5)
        np.select([b], [d], d[:1])
        np.select([b], [d], 5)
        np.select([e, e.T[:, :20].T[:, :1]], [h, h], default=h)
    """,
    "np.piecewise": """
        np.piecewise(x, [x < 0, x > 5], [np.negative, 3])
        np.piecewise(x, [x < 0, x > 5], [-1, 1, lambda a: a * 2])
        np.piecewise(v, v > 50, [1, 0])
        np.piecewise(f, [e], [np.sqrt, 5.5])
        np.piecewise(f, e[None], [5.5])
        np.piecewise(x, [b, b], [1])
        np.piecewise(x, [b, e], [1, 2])
        np.piecewise(h, [e, ~e], [lambda a, k: a + k, 0], 7)
        np.piecewise(v, [False, b], [1, 2])
        np.piecewise(v, b, [np.float64(2.5), 1])
    """,
    "np.apply_along_axis": """
        np.apply_along_axis(sorted, 0, m)
        np.apply_along_axis(np.sum, 1, f)
        np.apply_along_axis(np.diag, -1, t)
        np.apply_along_axis(lambda a, k: a[:k], 1, h, 3)
        np.apply_along_axis(np.sum, 0, x)
        np.apply_along_axis(np.max, 2, f)
        np.apply_along_axis(np.sum, 0, f[:, :0])
        np.apply_along_axis(lambda a: a.sort(), 1, m)
        np.apply_along_axis(lambda a: a[a > 0], 1, f)
        np.apply_along_axis(np.cumsum, 1, u)
        np.apply_along_axis(lambda a: a.mean(), 0, tf)
    """,
    "np.apply_over_axes": """
        np.apply_over_axes(np.sum, t, (0, 2))
        np.apply_over_axes(np.sum, f, 1)
        np.apply_over_axes(np.max, h, [-1])
        np.apply_over_axes(lambda a, axis: a[0, 0], t, (0, 2))
        np.apply_over_axes(np.cumsum, m, (0, 1))
    """,
    "np.histogramdd": """
        np.histogramdd(f[:, :3])
        np.histogramdd((x, v, w), (3, 4, 5))
        np.histogramdd([x, v], [[-50, 0, 3, 60], 7], weights=w)
        np.histogramdd((x, v), 5, density=True)
        np.histogramdd((x, v), 5, ((-20, 20), None))
        np.histogramdd((n, v))
        np.histogramdd((x, v), (3, 4, 5))
        np.histogramdd((x, v), 0)
        np.histogramdd((x, q))
        np.histogramdd(x, 5)
        np.histogramdd((x, v), (3, [5, 1]))
        np.histogramdd((x, v), 3, weights=q)
        np.histogramdd((x, v), (s, 3))
        np.histogramdd((x, v), (np.sort(s), 3), weights=x / 3)
        np.histogramdd((x.astype('f4'), v), 9)
    """,
    "np.histogram2d": """
        np.histogram2d(x, v)
        np.histogram2d(x, v, (3, 4), weights=x)
        np.histogram2d(x, v, [1, 5, 9, 40])
        np.histogram2d(x, v, 4, ((0, 9), (0, 9)), True)
        np.histogram2d(x, q)
        np.histogram2d(x, v, np.sort(q) + np.arange(37))
    """,
    "np.linalg.norm": """
        np.linalg.norm(x, None)
        np.linalg.norm(f, None, axis=0)
        np.linalg.norm(t, None, axis=(1, 2))
        np.linalg.norm(g, None, 1, keepdims=True)
        np.linalg.norm(x, 1)
        np.linalg.norm(f, 1, axis=0)
        np.linalg.norm(t, 1, axis=(1, 2))
        np.linalg.norm(g, 1, 1, keepdims=True)
        np.linalg.norm(x, np.inf)
        np.linalg.norm(f, np.inf, axis=0)
        np.linalg.norm(t, np.inf, axis=(1, 2))
        np.linalg.norm(g, np.inf, 1, keepdims=True)
        np.linalg.norm(x, -np.inf)
        np.linalg.norm(f, -np.inf, axis=0)
        np.linalg.norm(t, -np.inf, axis=(1, 2))
        np.linalg.norm(g, -np.inf, 1, keepdims=True)
        np.linalg.norm(x, 0)
        np.linalg.norm(f, 0, axis=0)
        np.linalg.norm(t, 0, axis=(1, 2))
        np.linalg.norm(g, 0, 1, keepdims=True)
        np.linalg.norm(x, 3)
        np.linalg.norm(f, 3, axis=0)
        np.linalg.norm(t, 3, axis=(1, 2))
        np.linalg.norm(g, 3, 1, keepdims=True)
        np.linalg.norm(x, 'fro')
        np.linalg.norm(f, 'fro', axis=0)
        np.linalg.norm(t, 'fro', axis=(1, 2))
        np.linalg.norm(g, 'fro', 1, keepdims=True)
        np.linalg.norm(x, -1)
        np.linalg.norm(f, -1, axis=0)
        np.linalg.norm(t, -1, axis=(1, 2))
        np.linalg.norm(g, -1, 1, keepdims=True)
        np.linalg.norm(x, 0.5)
        np.linalg.norm(f, 0.5, axis=0)
        np.linalg.norm(t, 0.5, axis=(1, 2))
        np.linalg.norm(g, 0.5, 1, keepdims=True)
        np.linalg.norm(x, 2)
        np.linalg.norm(f, 2, axis=0)
        np.linalg.norm(t, 2, axis=(1, 2))
        np.linalg.norm(g, 2, 1, keepdims=True)
        np.linalg.norm(t)
        np.linalg.norm(c)
        np.linalg.norm(h, keepdims=True)
        np.linalg.norm(f, 'nuc')
        np.linalg.norm(t, axis=(0, 1, 2))
        np.linalg.norm(t, axis='x')
        np.linalg.norm(t, axis=(1, 1))
        np.linalg.norm(t, axis=5)
        np.linalg.norm(tf, 1, (2, 0), True)
        np.linalg.norm(t, 2)
        np.linalg.norm(b)
        np.linalg.norm(u, -1, (1, 0))
        np.linalg.norm(c.reshape(20, 15), -np.inf)
        np.linalg.norm(m, np.inf)
    """,
    "np.linalg.vector_norm": """
        np.linalg.vector_norm(f)
        np.linalg.vector_norm(h, axis=0, ord=1)
        np.linalg.vector_norm(t, axis=(2, 0), keepdims=True)
        np.linalg.vector_norm(m, ord=3, keepdims=True)
        np.linalg.vector_norm(g, ord=np.inf)
        np.linalg.vector_norm(c)
        np.linalg.vector_norm(f, ord='fro')
        np.linalg.vector_norm(z, ord=0)
    """,
    "np.linalg.matrix_norm": """
        np.linalg.matrix_norm(f)
        np.linalg.matrix_norm(t, ord=1, keepdims=True)
        np.linalg.matrix_norm(t, ord=2)
        np.linalg.matrix_norm(v)
        np.linalg.matrix_norm(tf, ord=-np.inf)
    """,
    "np.linalg.matrix_power": """
        np.linalg.matrix_power(sq, 3)
        np.linalg.matrix_power(sq, 0)
        np.linalg.matrix_power(sq.reshape(4, 12, 12), 5)
        np.linalg.matrix_power(sq, 1)
        np.linalg.matrix_power(f[:9, :9], -1)
        np.linalg.matrix_power(f, 2)
        np.linalg.matrix_power(v, 2)
        np.linalg.matrix_power(sq, 1.5)
        np.linalg.matrix_power(e[:9, :9], 2)
    """,
    "np.linalg.multi_dot": """
        np.linalg.multi_dot([f, j])
        np.linalg.multi_dot([f, j, m])
        np.linalg.multi_dot([x[:30], j, f, x[30:60]])
        np.linalg.multi_dot([q[:20], m, j, sq[:20]])
        np.linalg.multi_dot([m, j, m, j])
        np.linalg.multi_dot([f])
        np.linalg.multi_dot([f, t, f])
        np.linalg.multi_dot([f, j, f], out=o2)
        np.linalg.multi_dot([f, f, f])
    """,
    "np.einsum": """
        np.einsum('ij,jk->ik', f, j)
        np.einsum('ij,jk->ki', f, j)
        np.einsum('ij,jk', m, m.T)
        np.einsum('ii->i', sq)
        np.einsum('ii', sq)
        np.einsum('ij->j', f)
        np.einsum('ij->', m)
        np.einsum('ji', h)
        np.einsum('ij,ij->i', f, h)
        np.einsum('ij,ij->', m, m)
        np.einsum('i,i', v, w)
        np.einsum('i,j->ij', q, w)
        np.einsum('ijk,ikl->ijl', t[:, :, :8], t[:, :8, :])
        np.einsum('...ij,...jk->...ik', t[:, :, :8], t[:, :8, :])
        np.einsum('ij,j->i', f, k[:30])
        np.einsum(f, [0, 1], j, [1, 2], [0, 2])
        np.einsum('ij,kj->', f, m)
        np.einsum('i,ij,j->', or_ + 1, f, oc + 2)
        np.einsum('i,ij,j', or_ + 1, f, oc + 2, optimize=True)
        np.einsum('ij,jk->ik', f, f)
        np.einsum('ij->x', f)
        np.einsum('ij,ij->ij', f, h)
        np.einsum('ijk->kij', t)
        np.einsum('iij->j', t[:, :5])
        np.einsum('ij,jk->ik', f, j, dtype='f4', casting='same_kind')
        np.einsum('ij,jk->ik', m, j, dtype='i2')
        np.einsum('ij,jk->ik', f, j, order='F')
        np.einsum('ij->j', f, out=oc)
        np.einsum('ij->i', f, out=oc)
        np.einsum('ij,kj->ik', f[:1], m)
        np.einsum('i,i->i', v, x)
        np.einsum('i->', y)
        np.einsum('i->', b)
        np.einsum('ij->j', o2 * -1)
        np.einsum('ij,ij->i', o2 * -1, f)
        np.einsum('i->', o1 * -1)
        np.einsum('ij,ij->ij', o2 * -1, f)
        np.einsum('ij,i->j', e, e[:, 0])
        np.einsum('ij,jk->ik', c.reshape(20, 15), c.reshape(15, 20))
        np.einsum('i,j,k->', q, q, q)
        np.einsum('bij,bjk,bkl->bil', t[:, :5, :5], t[:, :5, :5], t[:, :5, :5])
    """,
    "np.einsum_path": """
        np.einsum_path('ij,jk,kl->il', f, j, f)
        np.einsum_path('ij,jk', f, f)
    """,
    "np.polyval": """
        np.polyval([1, 2, 3], v)
        np.polyval(q, x / 50)
        np.polyval(q[:3], h)
        np.polyval(y[:5], y)
        np.polyval(c[:3], g)
        np.polyval([], v)
        np.polyval(x, 2.0)
        np.polyval(q[:4], n)
        np.polyval(v[:3], v[3, ...])
        np.polyval(f, 3)
    """,
    "np.vander": """
        np.vander(q)
        np.vander(x[:9], 3)
        np.vander(w, 4, increasing=True)
        np.vander(q, 0)
        np.vander(c[:30], 3)
        np.vander(f)
        np.vander(q, -1)
        np.vander(q, 1.5)
        np.vander(b[:9], 3)
        np.vander(q[:0], 3)
    """,
    "np.polyadd": """
        np.polyadd(v, q)
        np.polyadd(q, x)
        np.polyadd(w, w)
        np.polyadd(c, 1)
    """,
    "np.polysub": """
        np.polysub(v, q)
        np.polysub(q, x)
        np.polysub([1, 2], w)
    """,
    "np.polymul": """
        np.polymul(q, v)
        np.polymul(z, w)
        np.polymul(o1, w)
        np.polymul(f, w)
        np.polymul(x, 2)
    """,
    "np.polyder": """
        np.polyder(v)
        np.polyder(x, 3)
        np.polyder(v, -1)
        np.polyder(one)
        np.polyder(c, 0)
    """,
    "np.polyint": """
        np.polyint(v)
        np.polyint(x, 3)
        np.polyint(v, -1)
        np.polyint(w, 2, [5, 6])
        np.polyint(c, 1, 2.5)
        np.polyint(v, 2, q[:1])
        np.polyint(v, 3, [1, 2])
        np.polyint(v, 0)
    """,
    "np.polynomial.polynomial.polyval2d": """
        np.polynomial.polynomial.polyval2d(x, v, [[1, 2], [3, 4.5]])
        np.polynomial.polynomial.polyval2d(h, f, m[:3, :4])
        np.polynomial.polynomial.polyval2d(x, q, sq)
        np.polynomial.polynomial.polyval2d(x, x, t[:2, :2, :2])
    """,
    "np.polynomial.polynomial.polyvalnd": """
        np.polynomial.polynomial.polyvalnd([x, v, w], t[:2, :3, :2])
        np.polynomial.polynomial.polyvalnd((x, q), sq)
    """,
    "np.polynomial.polynomial.polygrid2d": """
        np.polynomial.polynomial.polygrid2d(x[:20], v[:30], [[1, 2], [3, 4.5]])
        np.polynomial.polynomial.polygrid2d(f[:3], q, m[:3, :4])
        np.polynomial.polynomial.polygrid2d(x, x[:3], t[:2, :2, :2])
    """,
    "np.linspace": """
        np.linspace(q, w[:37], 5)
        np.linspace(f, 3, 4, axis=1)
        np.linspace(v, v, 3)
        np.linspace(x, 9, 7, False, retstep=True)
        np.linspace(q, 5, 4, dtype=int)
        np.linspace(c, v, 3)
        np.linspace(q, 2, 1)
        np.linspace(q, 2, 0)
        np.linspace(q, 2, 1, retstep=True)
        np.linspace(q, 2, -1)
        np.linspace(q, w, 3)
        np.linspace(g, 1, 3)
        np.linspace(x.astype('f4'), 1, 30, axis=-1)
        np.linspace(v[3, ...], 7, 5)
        np.linspace(h, f, 3)
    """,
    "np.logspace": """
        np.logspace(q / 9, 2, 5)
        np.logspace(0, q / 9, 5, base=2, axis=1)
        np.logspace(q / 9, 2, 5, dtype='f4')
        np.logspace(0, 1, 5, base=q + 30)
        np.logspace(q, 2, -1)
        np.logspace(q / 9, 2, 3, False, 3, int)
    """,
    "np.geomspace": """
        np.geomspace(v + 1, 1000, 5)
        np.geomspace(q - 30, -1000, 4, axis=1)
        np.geomspace(v, 5)
        np.geomspace(v + 1, w * 0 + 5, 3, False)
        np.geomspace(v + 1, 9, 3, dtype=int)
        np.geomspace(c + 200, 9, 3)
        np.geomspace(v + 1, 9, 0)
    """,
    "np.busday_count": """
        np.busday_count(d, d[::-1])
        np.busday_count(d, '2011-03-01', [1, 1, 1, 1, 1, 0, 0])
        np.busday_count(d, d[:7])
        np.busday_count(d.reshape(20, 15).T, d[:20], holidays=d[:5])
        np.busday_count(d, d, out=o1i)
    """,
    "np.busday_offset": """
        np.busday_offset(d, v, roll='forward')
        np.busday_offset(d, 1)
        np.busday_offset(d, w, 'preceding', '1110000')
        np.busday_offset(d, x)
        np.busday_offset(d[:, None], k[:5], 'nat')
    """,
    "np.is_busday": """
        np.is_busday(d)
        np.is_busday(d, 'Mon Tue', d[:9])
        np.is_busday(d.reshape(20, 15).T)
        np.is_busday(d, out=b)
    """,
    "np.datetime_as_string": """
        np.datetime_as_string(d)
        np.datetime_as_string(d.reshape(20, 15).T, 's')
        np.datetime_as_string(d, 'auto')
        np.datetime_as_string(d, 'M', casting='unsafe')
        np.datetime_as_string(d, 'M')
        np.datetime_as_string(d, timezone='UTC', unit='h')
        np.datetime_as_string(v)
    """,
    "np.array2string": """
        np.array2string(v[:30], separator=', ')
        np.array2string(f, precision=2, threshold=10)
        np.array2string(x, threshold=9, edgeitems=2, suppress_small=True)
        np.array2string(c[:3], formatter={'complex': str})
        np.array2string(v[:9], 30, prefix='abc')
    """,
    "np.savetxt": """
        [file := __import__('io').StringIO(), np.savetxt(file, f), file.getvalue()][2]
        [file := __import__('io').BytesIO(), np.savetxt(file, v, '%d', header='a\\nb', footer='end'), file.getvalue()][2]
        [file := __import__('io').StringIO(), np.savetxt(file, h, delimiter=';', newline='|', fmt='%.3f', comments='//', footer='x'), file.getvalue()][2]
        [file := __import__('io').StringIO(), np.savetxt(file, c, '%.2f'), file.getvalue()][2]
        np.savetxt(__import__('io').StringIO(), t)
        np.savetxt(__import__('io').StringIO(), v, '%d %d')
        np.savetxt(5, v)
    """,
    "np.lib.recfunctions.structured_to_unstructured": """
        np.lib.recfunctions.structured_to_unstructured(r)
        np.lib.recfunctions.structured_to_unstructured(r.reshape(6, 10).T, 'f4')
        np.lib.recfunctions.structured_to_unstructured(r, copy=True, casting='safe')
        np.lib.recfunctions.structured_to_unstructured(r, 'i4', casting='safe')
        np.lib.recfunctions.structured_to_unstructured(v)
        np.lib.recfunctions.structured_to_unstructured(r[['a', 'c']])
    """,
    "np.lib.recfunctions.unstructured_to_structured": """
        np.lib.recfunctions.unstructured_to_structured(m[:, :3], [('a', 'i8'), ('b', 'f4'), ('c', 'u1')])
        np.lib.recfunctions.unstructured_to_structured(h[:, :2], names=['x', 'y'], copy=True)
        np.lib.recfunctions.unstructured_to_structured(t, [('a', 'i4')] * 2)
        np.lib.recfunctions.unstructured_to_structured(t[..., :2], 'i2,f8')
        np.lib.recfunctions.unstructured_to_structured(f[:, :0])
    """,
    "np.lib.recfunctions.apply_along_fields": """
        np.lib.recfunctions.apply_along_fields(np.mean, r)
        np.lib.recfunctions.apply_along_fields(np.max, r)
        np.lib.recfunctions.apply_along_fields(np.max, v)
    """,
    "np.lib.recfunctions.assign_fields_by_name": """
        np.lib.recfunctions.assign_fields_by_name(r, r[::-1][['a', 'c']])
        np.lib.recfunctions.assign_fields_by_name(r, r[::-1][['a', 'c']], False)
        np.lib.recfunctions.assign_fields_by_name(x, v)
    """,
    "np.lib.recfunctions.require_fields": """
        np.lib.recfunctions.require_fields(r, [('a', 'f4'), ('z', 'u1')])
        np.lib.recfunctions.require_fields(r.reshape(6, 10), [('c', 'f4'), ('a', 'u1')])
    """,
    "np.lib.recfunctions.recursive_fill_fields": """
        np.lib.recfunctions.recursive_fill_fields(r[:20][['a', 'c']].copy(), r)
    """,
    "np.lib.recfunctions.rename_fields": """
        np.lib.recfunctions.rename_fields(r, {'a': 'A'})
        np.lib.recfunctions.rename_fields(r, {'a': 'c'})
    """,
    "np.lib.recfunctions.repack_fields": """
        np.lib.recfunctions.repack_fields(r[['a', 'c']])
        np.lib.recfunctions.repack_fields(r)
        np.lib.recfunctions.repack_fields(r, align=True)
    """,
    "np.array": """
        np.array(f, 'f4', like=v)
        np.array(h, order='C', ndmin=3, like=v)
        np.array([[1, 2], [3, 4]], like=v)
        np.array(h, copy=None, like=v)
        np.array(h, copy=False, order='C', like=v)
        np.array(m, copy=False, like=v)
        np.array('x', float, like=v)
    """,
    "np.asarray": """
        np.asarray(h, order='C', like=v)
        np.asarray([1.5, 2], like=v)
        np.asarray(h, like=v)
        np.asarray(m, 'f8', copy=False, like=v)
        np.asarray(m, 'f8', copy=True, like=v)
    """,
    "np.asanyarray": """
        np.asanyarray(h, int, like=v)
        np.asanyarray((1, 2), like=v)
    """,
    "np.ascontiguousarray": """
        np.ascontiguousarray(h, like=v)
        np.ascontiguousarray(v[3, ...], like=v)
        np.ascontiguousarray([1, 2], like=v)
    """,
    "np.asfortranarray": """
        np.asfortranarray(m, like=v)
        np.asfortranarray(h, like=v)
        np.asfortranarray([[1, 2]], 'f4', like=v)
    """,
    "np.require": """
        np.require(m, 'f4', 'F', like=v)
        np.require(h, None, ['C', 'W'], like=v)
        np.require(np.broadcast_to(oc, (3, 30)), None, 'W', like=v)
        np.require(v[2:9], None, 'O', like=v)
        np.require([1, 2], requirements='A', like=v)
        np.require(v, None, 'X', like=v)
        np.require(m, None, ['C', 'F'], like=v)
    """,
    "np.frombuffer": """
        np.frombuffer(b'abcdefgh' * 9, 'i2', like=v).copy()
        np.frombuffer(b'abcdefgh', 'u1', 3, 2, like=v).copy()
        np.frombuffer(b'abc', like=v)
    """,
    "np.fromfile": """
        [file := __import__('tempfile').TemporaryFile(), file.write(bytes(range(200))), file.seek(3), np.fromfile(file, 'u2', like=v), file.tell(), file.close()][3:]
        [file := __import__('tempfile').TemporaryFile(), file.write(bytes(range(200))), file.seek(0), np.fromfile(file, 'u1', 77, offset=5, like=v), file.tell(), file.close()][3:]
        [file := __import__('tempfile').TemporaryFile(), file.write(b'1, 2, 3'), file.seek(0), np.fromfile(file, int, sep=',', like=v), file.close()][3:]
        np.fromfile('/no/such/file', like=v)
    """,
    "np.fromiter": """
        np.fromiter(range(99), int, like=v)
        np.fromiter((k / 4 for k in range(99)), 'f4', 50, like=v)
        np.fromiter(range(9), int, 50, like=v)
        np.fromiter(5, int, like=v)
        np.fromiter('abc', 'U1', like=v)
        np.fromiter(range(9), int, 0, like=v)
    """,
    "np.fromfunction": """
        np.fromfunction(lambda i, j: i * j, (20, 30), like=v)
        np.fromfunction(lambda i: i + 1, (300,), dtype=int, like=v)
        np.fromfunction(lambda i, j, c: c, (2, 3), c=7, like=v)
        np.fromfunction(lambda: 5, (), like=v)
    """,
    "np.tri": """
        np.tri(30, like=v)
        np.tri(20, 30, 5, 'i2', like=v)
        np.tri(3, 40, -2, bool, like=v)
        np.tri(0, like=v)
        np.tri(-3, like=v)
        np.tri(2.5, like=v)
        np.tri(9, k=50, like=v)
    """,
}  # fmt: skip

#: Floating results that may be rounded otherwise: units in the last place. Sums of what cancels lose digits.
FORMULA_ULPS: dict[str, int] = {
    "np.cov": 16384,
    "np.corrcoef": 16384,
    "np.nanvar": 64,
    "np.nanstd": 64,
    "np.linalg.norm": 64,
}
