"""A table grouped and joined by hand: sorted keys, reduceat, bincount, masks, records and text."""

import io


def main(np):
    """Return totals by city and month, a join, a pivot, the rows as records, and a text table."""
    rng = np.random.default_rng(11)
    rows = 1500
    cities = np.array(["Oslo", "Lima", "Pune", "Kyiv"])
    city = cities[rng.integers(0, 4, rows)]
    day = np.datetime64("2024-01-01") + rng.integers(0, 366, rows)
    amount = rng.integers(100, 10_000, rows) / 4
    count = rng.poisson(3, rows)

    names, inverse = np.unique(city, return_inverse=True)
    totals = np.bincount(inverse, weights=amount)
    order = np.argsort(inverse, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(inverse[order]) != 0])
    most, units = np.maximum.reduceat(amount[order], starts), np.add.reduceat(count[order], starts)

    month = day.astype("M8[M]").astype(int) % 12
    pivot = np.zeros((len(names), 12))
    np.add.at(pivot, (inverse, month), amount)

    prices = np.array([1.5, 2.5, 0.5, 4.0])
    price = prices[np.searchsorted(names, city)]
    spent = np.where(count > 0, price * count, np.nan)

    table = np.zeros(rows, dtype=[("city", "U4"), ("day", "M8[D]"), ("amount", "f8"), ("count", "i2")])
    table["city"], table["day"], table["amount"], table["count"] = city, day, amount, count
    large = table[(table["amount"] > 2000) & (table["city"] == "Lima")]
    large = np.sort(large, order=["day", "amount"])

    text = io.StringIO()
    np.savetxt(text, np.column_stack([totals, most, units]), fmt="%.2f", delimiter=";", header="total;most;units")
    again = np.loadtxt(io.StringIO(text.getvalue()), delimiter=";")
    by_name = {str(name): (float(total), int(n)) for name, total, n in zip(names, totals, units, strict=True)}
    return names, totals, most, units, pivot, np.nansum(spent), np.isnan(spent).sum(), large, again, text.getvalue(), by_name
