"""Counting: how often codes occur, where each occurs first, and the orders that follow from it."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

_TILE = 65_536


def _tally_codes(codes, first, second, third, fourth):  # type: ignore[no-untyped-def]
    # Several tables, so that a code need not wait for the count of an equal one before it to be written.
    whole = codes.size - codes.size % 4
    for i in range(0, whole, 4):
        first[codes[i]] += 1
        second[codes[i + 1]] += 1
        third[codes[i + 2]] += 1
        fourth[codes[i + 3]] += 1
    for i in range(whole, codes.size):
        first[codes[i]] += 1
    return 0


def _tally_codes_twin(codes: Array, first: Array, second: Array, third: Array, fourth: Array) -> int:
    # By tiles: what bincount makes of the codes stays in the cache.
    for start in range(0, codes.size, _TILE):
        found = np.bincount(codes[start : start + _TILE])
        first[: found.size] += found.astype(first.dtype)
    return 0


def _first_places(ranks, base, places, missing):  # type: ignore[no-untyped-def]
    for i in range(ranks.size):
        if places[ranks[i]] < 0:
            places[ranks[i]] = base + i
            missing -= 1
            if missing == 0:
                break
    return missing


def _first_places_twin(ranks: Array, base: int, places: Array, missing: int) -> int:
    fresh = np.flatnonzero(places[ranks] < 0)[::-1]
    # The last value counts that is written to a place: the first occurrence.
    places[ranks[fresh]] = base + fresh
    return missing - int(np.unique(ranks[fresh]).size)


def _scatter_ranks(ranks, base, starts, out):  # type: ignore[no-untyped-def]
    for i in range(ranks.size):
        place = starts[ranks[i]]
        out[place] = base + i
        starts[ranks[i]] = place + 1
    return 0


def _scatter_ranks_twin(ranks: Array, base: int, starts: Array, out: Array) -> int:
    if ranks.size:
        order = np.argsort(ranks, kind="stable")
        ordered = ranks[order]
        edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        lengths = np.diff(edges, append=ordered.size)
        present = ordered[edges]
        out[np.arange(ordered.size) + np.repeat(starts[present] - edges, lengths)] = base + order
        starts[present] += lengths
    return 0


def _add_weights(places, weights, totals):  # type: ignore[no-untyped-def]
    weights = weights[: places.size]
    for i in range(places.size):
        totals[places[i]] += weights[i]
    return 0


def _add_weights_twin(places: Array, weights: Array, totals: Array) -> int:
    np.add.at(totals, places, weights)
    return 0


def _bin_values(values, edges, low, high, span, counts):  # type: ignore[no-untyped-def]
    # The steps and their order are those of numpy.histogram, which rounds after each of them.
    number = counts.size
    for i in range(values.size):
        value = values[i]
        if value >= low and value <= high:
            place = np.int64((value - low) / span * number)
            if place == number:
                place -= 1
            if value < edges[place]:
                place -= 1
            if value >= edges[place + 1] and place != number - 1:
                place += 1
            counts[place] += 1
    return 0


def _bin_values_twin(values: Array, edges: Array, low: float, high: float, span: float, counts: Array) -> int:
    kept = values[(values >= low) & (values <= high)]
    places = ((kept - low) / span * counts.size).astype(np.int64)
    places[places == counts.size] -= 1
    places[kept < edges[places]] -= 1
    places[(kept >= edges[places + 1]) & (places != counts.size - 1)] += 1
    counts += np.bincount(places, minlength=counts.size)
    return 0


#: ``(codes, first, second, third, fourth)``: counts of codes are added, spread over tables (which may be the same).
tally_codes = Kernel(_tally_codes, _tally_codes_twin, ("rT", "wu4", "wu4", "wu4", "wu4"), ("u1", "u2"))
#: ``(ranks, base, places, missing) -> missing``: where each rank occurs first (`base` is the place of the first of
#: `ranks`), written to `places` where that is negative yet; `missing` counts those that are.
first_places = Kernel(_first_places, _first_places_twin, ("rT", "si8", "wi8", "si8"), ("u1", "u2", "u4"))
#: ``(ranks, base, starts, out)``: a step of a counting sort; `starts` tells where the next of each rank goes.
scatter_ranks = Kernel(_scatter_ranks, _scatter_ranks_twin, ("rT", "si8", "wi8", "wu4"), ("u1", "u2", "u4"))
#: ``(places, weights, totals)``: weights added to the totals at places, one after the other.
add_weights = Kernel(_add_weights, _add_weights_twin, ("rT", "rf8", "wf8"), ("u1", "u2", "u4", "i8"))
#: ``(values, edges, low, high, span, counts)``: values counted in equal bins from `low` to `high`, `span` apart.
bin_values = Kernel(_bin_values, _bin_values_twin, ("rf8", "rf8", "sf8", "sf8", "sf8", "wi8"), ("f8",))
