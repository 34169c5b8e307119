"""What can be opened fits into the page, whatever is added."""

import base64
import json
import zlib

import numpy as np

from neurarium.page.html import Part
from neurarium.page.words import Text
from neurarium.tour.inside import Inside
from neurarium.tour.page.payloads import packed

NOISE = np.random.default_rng(0).random(60_000).astype(np.float32)


def part(name, numbers):
    return Part({"look": name}, {"w": numbers}, None)


def inside(name, **sizes):
    parts = {look: part(look, NOISE[:size] + 1e-3 * place) for place, (look, size) in enumerate(sizes.items())}
    return Inside("net", name, Text(name, name), parts)


def opened(text):
    return json.loads(zlib.decompress(base64.b64decode(text)))


def length(kept):
    return sum(len(text) for _, text in kept)


def test_numbers_that_looks_have_in_common_are_there_once():
    same = Inside("net", "X", Text("X", "X"), {each: part(each, NOISE[:5000]) for each in ("one", "two", "three")})
    single = Inside("net", "X", Text("X", "X"), {"one": part("one", NOISE[:5000])})
    ((_, three),), ((_, one),) = packed([same], 10**7), packed([single], 10**7)
    assert len(three) < 1.02 * len(one)
    page = opened(three)
    assert [look["scene"]["look"] for look in page["looks"]] == ["one", "two", "three"]
    bytes_ = zlib.decompress(base64.b64decode(page["blob"]))
    at = page["looks"][2]["constants"]["w"]["at"]
    np.testing.assert_array_equal(np.frombuffer(bytes_, np.float32, 5000, at), NOISE[:5000])


def test_the_longest_networks_give_their_longest_looks_away_until_all_fit():
    nets = [inside("A", small=1000, large=30_000), inside("B", small=1000, middle=12_000), inside("C", small=900)]
    whole = length(packed(nets, 10**7))
    room = whole - 40_000
    kept = packed(nets, room)
    assert length(kept) <= room
    assert [list(each.parts) for each, _ in kept] == [["small"], ["small", "middle"], ["small"]]
    assert [each.left_out for each, _ in kept] == [("large",), (), ()]


def test_the_look_that_the_fewest_have_goes_last():
    nets = [inside("A", common=20_000, own=30_000), inside("B", common=900), inside("C", common=900)]
    (first, _), *_ = packed(nets, length(packed(nets, 10**7)) - 10_000)
    assert (list(first.parts), first.left_out) == (["own"], ("common",))


def test_more_networks_cost_the_others_no_more_than_their_share():
    kept = packed([inside(f"N{number}", small=200, large=4000) for number in range(12)], 120_000)
    assert length(kept) <= 120_000
    assert all("small" in each.parts for each, _ in kept)


def test_nothing_is_kept_where_there_is_no_room_at_all():
    ((left, text),) = packed([inside("A", small=1000)], 10)
    assert (text, dict(left.parts), left.left_out) == ("", {}, ("small",))
