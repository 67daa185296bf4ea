"""The model of ECR's lifecycle policies against the worked cases of its user guide."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.model.lifecycle import Image, evaluate, meets_tags, refusals

# ECR user guide, lifecycle_policy_examples.html, "Filtering on multiple rules".
A = Image("A", ("beta-1", "prod-1"), 10)
B = Image("B", ("beta-2", "prod-2"), 9)
C = Image("C", ("beta-3",), 8)


def rule(priority: int, status: str = "tagged", count: int = 1, **more: Any) -> dict[str, Any]:
    action = more.pop("action", {"type": "expire"})
    kind = more.pop("countType", "imageCountMoreThan")
    selection = {"tagStatus": status, "countType": kind, "countNumber": count, **more}
    return {"rulePriority": priority, "selection": selection, "action": action}


def taken(rules: list[dict[str, Any]], *images: Image) -> dict[str, tuple[int | None, str]]:
    fates = evaluate({"rules": rules}, images)
    return {name: (f.rule, f.action) for name, f in fates.items() if f.rule is not None}


def test_what_an_earlier_rule_keeps_a_later_one_cannot_take() -> None:
    rules = [rule(1, tagPrefixList=["prod"]), rule(2, tagPrefixList=["beta"])]
    assert taken(rules, A, B, C) == {"A": (1, "expire")}


def test_a_rule_counts_what_an_earlier_one_took() -> None:
    rules = [rule(1, tagPrefixList=["beta"]), rule(2, tagPrefixList=["prod"])]
    assert taken(rules, A, B, C) == {"A": (1, "expire"), "B": (1, "expire")}


def test_rules_go_by_their_number_and_not_by_their_place() -> None:
    rules = [rule(2, tagPrefixList=["beta"]), rule(1, tagPrefixList=["prod"])]
    assert taken(rules, A, B, C) == {"A": (1, "expire")}


# The same page, "Filtering on multiple tags in a single rule".
def test_all_entries_of_a_list_must_be_met() -> None:
    one = Image("A", ("alpha-1",), 12)
    two = Image("B", ("beta-1",), 11)
    both = Image("C", ("alpha-2", "beta-2"), 10)
    rules = [
        rule(1, count=5, countType="sinceImagePushed", countUnit="days",
             tagPrefixList=["alpha", "beta"])
    ]  # fmt: skip
    assert taken(rules, one, two, both) == {"C": (1, "expire")}


# The same page, "Filtering on all images".
def test_any_takes_what_no_earlier_rule_shields() -> None:
    tags = {"A": "alpha-1", "B": "beta-1", "C": "alpha-2", "D": "git-hash", "E": ""}
    images = [
        Image(name, (tag,) if tag else (), 9 - place)
        for place, (name, tag) in enumerate(tags.items())
    ]
    rules = [
        rule(1, tagPrefixList=["alpha"]),
        rule(2, "untagged", 1, countType="sinceImagePushed", countUnit="days"),
        rule(3, "any"),
    ]
    assert taken(rules, *images) == {
        "A": (1, "expire"),
        "B": (3, "expire"),
        "D": (3, "expire"),
        "E": (2, "expire"),
    }


def test_more_than_is_more_than_and_the_oldest_go() -> None:
    images = [Image(str(day), (f"r{day}",), day) for day in range(5)]
    assert taken([rule(10, "any", 5)], *images) == {}
    assert list(taken([rule(10, "any", 4)], *images)) == ["4"]
    assert list(taken([rule(10, "any", 3)], *images)) == ["3", "4"]


def test_the_archive_is_a_class_of_its_own() -> None:
    away = {"type": "transition", "targetStorageClass": "archive"}
    days = {"countUnit": "days"}
    rules = [
        rule(1, "any", 30, countType="sinceImagePulled", action=away, **days),
        rule(2, "any", 90, countType="sinceImageTransitioned", storageClass="archive", **days),
    ]
    images = [
        Image("pulled", ("a",), 100, pulled=3),
        Image("forgotten", ("b",), 100, pulled=40),
        Image("never", ("c",), 31),
        Image("archived", ("d",), 200, transitioned=91),
        Image("lately", ("e",), 200, transitioned=90),
    ]
    assert taken(rules, *images) == {
        "forgotten": (1, "archive"),
        "never": (1, "archive"),
        "archived": (2, "expire"),
    }


@pytest.mark.parametrize(
    ("patterns", "tags", "met"),
    [
        (["prod*"], ["prod"], True),
        (["prod*"], ["preprod"], False),
        (["*prod"], ["preprod"], True),
        (["prod"], ["prod1"], False),
        (["prod", "web*"], ["prod"], False),
        (["prod", "web*"], ["prod", "web1"], True),
        (["1.*"], ["1.2"], True),
        (["1.*"], ["122"], False),
    ],
)
def test_a_pattern_is_met_by_the_whole_tag(patterns: list[str], tags: list[str], met: bool) -> None:
    assert meets_tags({"tagStatus": "tagged", "tagPatternList": patterns}, tags) is met


BOOK = rule(10, "any", 800)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([BOOK], None),
        ([rule(10, "any", 0)], "countNumber must be at least 1"),
        ([rule(0, "any")], "rulePriority must be at least 1"),
        ([BOOK, rule(10, "untagged")], "10 is given twice"),
        ([rule(1, "any"), rule(2, "untagged")], "must have the highest rulePriority"),
        ([rule(1)], "needs a tagPatternList or a tagPrefixList"),
        ([rule(1, tagPrefixList=["a"], tagPatternList=["a*"])], "one of them only"),
        ([rule(1, "untagged", tagPrefixList=["a"])], "untagged takes no tagPatternList"),
        ([rule(1, tagPatternList=["*a*b*c*d*"])], "more than 4 wildcards"),
        ([rule(1, "any", countType="sinceImagePushed")], "needs countUnit days"),
        ([rule(1, "any", countUnit="days")], "takes no countUnit"),
        ([rule(1, "untagged"), rule(2, "untagged")], "only one rule may select untagged"),
        (
            [rule(1, "any", countType="sinceImageTransitioned", countUnit="days")],
            "needs storageClass archive",
        ),
        ([rule(1, "any", action={"type": "transition"})], "needs targetStorageClass"),
    ],
)
def test_what_ecr_refuses(rules: list[dict[str, Any]], words: str | None) -> None:
    found = refusals({"rules": rules})
    assert (found == []) is (words is None)
    if words:
        assert words in " ".join(found)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ([], "a list of rules"),
        ({}, "a list of rules"),
        ({"rules": []}, "a list of rules"),
        ({"rules": ["all"]}, "the rule must be an object"),
        ({"rules": [{**BOOK, "priority": 1}]}, "the rule knows no priority"),
        ({"rules": [{k: v for k, v in BOOK.items() if k != "action"}]}, "the rule has no action"),
        ({"rules": [{**BOOK, "selection": "any"}]}, "selection has a value of a wrong type"),
        ({"rules": [{**BOOK, "rulePriority": "1"}]}, "rulePriority has a value of a wrong type"),
        ({"rules": [{**BOOK, "rulePriority": True}]}, "rulePriority has a value of a wrong type"),
        ({"rules": [BOOK, rule(11, "all")]}, "rule in place 2: tagStatus is one of tagged, "),
        ({"rules": [rule(1, tagPatternList="prod*")]}, "tagPatternList has a value of a wrong"),
        ({"rules": [rule(1, tagPatternList=[1])]}, "tagPatternList is a list of texts"),
        ({"rules": [rule(1, "any", action={"type": "delete"})]}, "type is one of expire, "),
    ],
)
def test_what_is_no_policy_at_all(policy: Any, words: str) -> None:
    assert words in " ".join(refusals(policy))
