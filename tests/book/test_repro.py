"""Which stages may run beside each other."""

from lib.book.repro import chains
from lib.book.stages import load, outputs, path_in

STAGES = {
    "alone": {"deps": ["data", "lib/a.py"], "outs": ["pages/alone.ipynb"]},
    "first": {"deps": ["data"], "outs": ["pages/first.ipynb", {"networks/first": {"push": False}}]},
    "second": {"deps": ["networks/first"], "metrics": [{"results/second.json": {"cache": False}}]},
    "third": {"deps": ["results", "lib/a.py"], "outs": ["pages/third.ipynb"]},
}


def test_a_stage_goes_with_what_it_needs_and_apart_from_what_it_does_not():
    assert chains(STAGES) == [["first", "second", "third"], ["alone"]]


def test_no_chain_of_the_book_needs_what_another_makes():
    stages = load("rendered")
    found = chains(stages)
    order = list(stages)
    assert all(chain == sorted(chain, key=order.index) for chain in found)
    assert sorted(name for chain in found for name in chain) == sorted(stages)
    made = [{path_in(out) for name in chain for out in outputs(stages[name])} for chain in found]
    for number, chain in enumerate(found):
        needed = {path_in(dep) for name in chain for dep in stages[name]["deps"]}
        assert not any(needed & others for other, others in enumerate(made) if other != number)
    assert len(found) > 1
