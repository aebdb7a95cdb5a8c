"""Documents: the tree with its lines, and everything that is refused before anything is understood."""

import pytest

from amd.files.document import MAX_DEPTH, decode, read
from amd.files.faults import Fault, Faults, InputError, suggest
from amd.files.nodes import Mapping, Scalar, Sequence, lines


def complaint(text: str) -> str:
    """What is said of a text that is refused."""
    with pytest.raises(InputError) as error:
        read(text, "f.yaml")
    return str(error.value)


def test_nodes_know_their_places_and_keep_their_texts() -> None:
    root = read("# comment\na: 010\nb:\n  - 'x'\n  - [1/3, true]\nc: {d: ~}\n", "f.yaml")
    assert isinstance(root, Mapping)
    assert (root.line, root.column) == (2, 1)
    assert root.get("a") == Scalar(2, 4, "010", quoted=False)
    b = root.get("b")
    assert isinstance(b, Sequence)
    assert b.items[0] == Scalar(4, 5, "x", quoted=True)
    assert b.items[1] == Sequence(5, 5, (Scalar(5, 6, "1/3"), Scalar(5, 11, "true")))
    c = root.get("c")
    assert isinstance(c, Mapping)
    nothing = c.get("d")
    assert isinstance(nothing, Scalar)
    assert nothing.is_null
    assert root.get("e") is None
    assert lines(root) == {"a": 2, "b": 3, "c": 6, "c.d": 6}


def test_json_is_yaml() -> None:
    text = '{\n\t"a": [1, 2.5e3, null],\n\t"b": {"c": "\\u00e9 \\ud83d\\ude00 x\\/y"}\n}'
    root = read(text, "f.json")
    assert isinstance(root, Mapping)
    b = root.get("b")
    assert isinstance(b, Mapping)
    assert b.get("c") == Scalar(3, 13, "é 😀 x/y", quoted=True)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "f.yaml:1: is empty"),
        ("# nothing\n", "f.yaml:1: is empty"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: this key was given before, on line 1"),
        ("x:\n  a: 1\n  'a': 3\n", "f.yaml:3: x.a: this key was given before, on line 2"),
        ("x: {a: 1, a: 2}", "f.yaml:1: x.a: this key was given before"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
        ("a: !!python/object/apply:os.system [ls]", "f.yaml:1: a: the tag"),
        ("a:\n  - !custom x\n", "f.yaml:2: a[1]: the tag"),
        ("a: !!str 1", "f.yaml:1: a: the tag"),
        ("!!map {a: 1}", "f.yaml:1: the tag"),
        ("a: *x", "f.yaml:1: a: there is no anchor '&x'"),
        ("a: &x [1, *x]", "f.yaml:1: a[2]: the alias '*x' stands inside what it stands for"),
        ("a: 1\nb:\n\tc: 2\n", "f.yaml:3: b: a tab"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2: a[3]: ':' inside '[' of line 1"),
        ("a: {b: 1\n", "f.yaml:2: a: the bracket '{' opened on line 1 is never closed"),
        ("a: 'x\nb: 2\n", "f.yaml:1: a: the quotation mark that opens here is never closed"),
        ("a: b: c", "f.yaml:1: a ':' is out of place"),
        ("a: >= 3", "f.yaml:1: a: a text that starts with '>'"),
        ("a: @x", "f.yaml:1: a: '@' cannot start a text"),
        ("a:\n  b: 1\n c: 2\n", "f.yaml:3: a deeper mapping does not fit here"),
        ("a: [1,,2]", "f.yaml:1: a[2]: a value is missing before ','"),
        ("{a: 1}}", "f.yaml:1: there is more text"),
        ("? [a]\n: 1", "f.yaml:1: a key must be a text"),
        ("<<: {a: 1}", "f.yaml:1: merge keys"),
        ("a: \x01", "f.yaml:1: the character U+0001"),
        ("a: 1\nb: \x7f", "f.yaml:2: the character U+007F"),
        ('a: "\\UFFFFFFFF"', "f.yaml: a: is not YAML"),
        ('a: "\\ud83d"', "f.yaml:1: a: has half of a pair"),
        ("%YAML 9.9\n---\na: 1", "f.yaml:1: is not YAML"),
        (
            "a: {b: bidder[1].v}",
            "f.yaml:1: a: '[' inside '{' of line 1 ends the text before it: put that text in quotes",
        ),
    ],
)
def test_refusals_have_line_path_and_plain_words(text: str, start: str) -> None:
    assert complaint(text).startswith(start)


CUT = "inside {} or [] a comma ends a text, so this was cut in"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{lamp: max(v, 1)}", f'f.yaml:1: lamp: {CUT} 2: put it in quotes, "max(v, 1)"'),
        ("a:\n  - [if(v < 1, v, 1), 2]", f'f.yaml:2: a[1][1]: {CUT} 3: put it in quotes, "if(v < 1, v, 1)"'),
        ('{allocated(a, b): ">= 1"}', f'f.yaml:1: {CUT} 2: put it in quotes, "allocated(a, b)"'),
        ("{a: max(v,\n 1), b: 2}", f'f.yaml:1: a: {CUT} 2: put it in quotes, "max(v, 1)"'),
    ],
)
def test_an_expression_cut_by_a_comma_is_named(text: str, told: str) -> None:
    assert complaint(text) == told


def test_an_expression_cut_by_a_comma_is_mended_for_those_who_read_on() -> None:
    faults = Faults("f.yaml")
    root = read("{lamp: max(v, 1), b: [min(1, 2), (3]}", "f.yaml", faults)
    assert isinstance(root, Mapping)
    assert [entry.key.text for entry in root.entries] == ["lamp", "b"]
    assert root.get("lamp") == Scalar(1, 8, "max(v, 1)", quoted=True)
    b = root.get("b")
    assert isinstance(b, Sequence)
    assert [node.text for node in b.items if isinstance(node, Scalar)] == ["min(1, 2)", "(3"]
    assert len(faults.found) == 2


def test_aliases_are_allowed() -> None:
    root = read("a: &x {v: [1, 2]}\nb: *x\n", "f.yaml")
    assert isinstance(root, Mapping)
    assert root.get("a") == root.get("b")


def test_alias_bombs_are_refused() -> None:
    bomb = "a0: &a0 [1, 2, 3]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 30))
    assert "values, aliases written out" in complaint(bomb)


def test_deep_nesting_is_refused_also_through_aliases() -> None:
    deep = MAX_DEPTH - 1
    read("a: " + "[" * deep + "]" * deep, "f.yaml")
    assert "levels deep" in complaint("[" * 100_000)
    assert "levels deep" in complaint("- " * 100 + "1")
    half = "[" * 40 + "]" * 40
    assert "levels deep" in complaint(f"a: &x {half}\nb: {'[' * 40}*x{']' * 40}")


def test_bytes_must_be_utf_8() -> None:
    assert decode("\ufeffa: é\n".encode(), "f.yaml") == "a: é\n"
    with pytest.raises(InputError, match=r"^f\.yaml:2: byte 0xe9 is not UTF-8"):
        decode(b"a: 1\nb: \xe9t\xe9\n", "f.yaml")
    with pytest.raises(InputError, match="not UTF-8"):
        decode("a: 1".encode("utf-16"), "f.yaml")


def test_faults_are_told_by_line_each_on_one_line() -> None:
    faults = Faults("f.yaml")
    faults.add(7, "b", "second")
    faults.add(None, "--set x", "last")
    faults.add(3, "a\nb", "first\nof all")
    faults.add(3, "a\nb", "first\nof all")
    with pytest.raises(InputError) as error:
        faults.check()
    assert str(error.value) == "f.yaml:3: a b: first of all\nf.yaml:7: b: second\nf.yaml: --set x: last"
    assert error.value.faults[1] == Fault(7, "b", "second")


def test_a_flood_of_faults_is_cut() -> None:
    faults = Faults("f.yaml")
    for k in range(5_000):
        faults.add(k, "", "wrong")
    assert str(faults.error()).endswith("and 4,000 faults more")


def test_suggestions() -> None:
    assert suggest("cell", ["cells", "cut"]) == "; did you mean 'cells'?"
    assert suggest("zzz", ["cells", "cut"]) == "; there are cells and cut"
    assert suggest("zzz", ["cells"]) == "; there is cells"
    assert suggest("zzz", []) == ""
