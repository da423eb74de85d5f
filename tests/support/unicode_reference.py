"""The rules of the tokenizer `unicode`, written again with the library `regex` and Python's unicodedata."""

import unicodedata

import regex

SCRIPTS = r"\p{Han}\p{Hira}\p{Kana}\p{Bopo}\p{Thai}\p{Laoo}\p{Khmr}\p{Mymr}\p{Tale}\p{Talu}"
COMMON = "\u3006\u3031-\u3035\u303c\u30fc\uff70\uff9e\uff9f"  # of several of these scripts
FLAGS = "[\U0001f1e6-\U0001f1ff]"
UNSPACED = rf"(?:(?=[\p{{L}}\p{{Nl}}])[{SCRIPTS}{COMMON}]|{FLAGS})"
SYMBOL = rf"(?![\x00-\x7f]|{FLAGS})\p{{S}}"
LETTER = rf"(?!{UNSPACED})[^\p{{M}}\p{{P}}\p{{Z}}\p{{S}}\p{{Cc}}\p{{Cf}}]"
TOKEN = regex.compile(rf"(?P<unspaced>{UNSPACED}\p{{M}}*)|(?:{SYMBOL}|(?:{LETTER}\p{{M}}*)+)\p{{M}}*")
IGNORED = regex.compile(r"(?!\u200b)\p{Cf}|[\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff]")


def tokens(text: str) -> list[str]:
    """Returns the tokens of a text."""
    for step in (lambda s: s, str.casefold):
        text = unicodedata.normalize("NFD", step(text))
    text = IGNORED.sub("", text).replace("\u200b", " ")
    found: list[str] = []
    before = None
    for match in TOKEN.finditer(text):
        unspaced = match["unspaced"]
        if unspaced and before and before.end() == match.start():
            found.append(before[0] + match[0])
        found.append(match[0])
        before = match if unspaced else None
    return found
