"""Small labeled texts in several languages, made from rules: words of two topics among neutral words."""

import random
from collections.abc import Callable, Sequence

Texts = list[tuple[str, str]]
"""(text, label)"""


def _mixed(
    good: Sequence[str], bad: Sequence[str], neutral: Sequence[str], join: str, end: str
) -> Callable[[random.Random, bool], str]:
    """Returns a maker of texts: several neutral words, and one or two of the label's."""

    def text(chance: random.Random, is_good: bool) -> str:
        words = [chance.choice(neutral) for _ in range(chance.randint(6, 14))]
        for _ in range(chance.randint(1, 2)):
            words.insert(chance.randint(0, len(words)), chance.choice(good if is_good else bad))
        if chance.random() < 0.15:  # so that no rule is right on every text
            words.insert(chance.randint(0, len(words)), chance.choice(bad if is_good else good))
        return join.join(words) + end

    return text


def _german(chance: random.Random, is_good: bool) -> str:
    """Compounds: the second part carries the label, and most compounds occur once."""
    first = ["Donau", "Bundes", "Winter", "Stadt", "Garten", "Wald", "Nacht", "Sonnen", "Kinder", "Abend", "Land",
             "Haus", "See", "Berg", "Markt", "Post", "Welt", "Tages", "Volks", "Musik"]  # fmt: skip
    second = ["fest", "freude", "sieg", "glück"] if is_good else ["streit", "unfall", "krise", "verlust"]
    middle = [a + b for a in ("haupt", "neben", "zeit", "kreis", "werk", "tag") for b in ("", "s")]
    compound = chance.choice(first) + chance.choice(middle) + chance.choice(first).lower() + chance.choice(second)
    words = [
        chance.choice(["der", "die", "das", "und", "mit", "auf", "wir", "sehen", "heute", "gestern"]) for _ in range(9)
    ]
    words.insert(chance.randint(0, 9), compound)
    return " ".join(words)


def _turkish(chance: random.Random, is_good: bool) -> str:
    """Inflection: a stem carries the label and has many endings."""
    stems = ["güzel", "sev", "başar", "mutlu"] if is_good else ["kötü", "üzgün", "bozuk", "kayb"]
    endings = [
        a + b + c
        for a in ("", "ler", "lar", "imiz")
        for b in ("", "den", "dan", "e", "i", "in")
        for c in ("", "dir", "ki", "mi")
    ]
    words = [
        chance.choice(["bir", "ve", "bu", "çok", "gün", "ev", "İstanbul", "ışık"]) + chance.choice(["", "da", "de"])
        for _ in range(9)
    ]
    words.insert(chance.randint(0, 9), chance.choice(stems) + chance.choice(endings) + chance.choice(endings))
    return " ".join(words)


LANGUAGES: dict[str, Callable[[random.Random, bool], str]] = {
    "chinese": _mixed(["很好吃", "太棒了", "喜欢", "满意"], ["难吃", "太差了", "失望", "退货"],
                      ["这家店", "东西", "昨天", "我们", "服务员", "价格", "房间", "晚上", "觉得", "就是"], "", "。"),
    "japanese": _mixed(["おいしい", "最高", "うれしい"], ["まずい", "最悪", "がっかり"],
                       ["この店は", "昨日", "ホテル", "料理が", "とても", "部屋", "サービスは", "友達と"], "", "！"),
    "thai": _mixed(["อร่อย", "ดีมาก", "ชอบ"], ["แย่", "ไม่ดี", "เสียใจ"],
                   ["ร้านนี้", "อาหาร", "เมื่อวาน", "บริการ", "ราคา", "ห้อง", "เรา", "วันนี้"], "", ""),
    "arabic": _mixed(["رائع", "ممتاز", "جميل"], ["سيئ", "ممل", "حزين"],
                     ["هذا", "الفيلم", "اليوم", "الكتاب", "كان", "جدا", "البيت"], "، ", "؟"),
    "emoji": _mixed(["😀", "🎉", "❤️"], ["😡", "💔", "👎🏽"], ["ok", "see", "you", "later", "today", "the"], " ", "…"),
    "german": _german,
    "turkish": _turkish,
}  # fmt: skip


def make(language: str, number: int, seed: int = 1) -> Texts:
    """Returns texts of both labels in turn."""
    chance = random.Random(f"{language} {seed}")
    return [
        (LANGUAGES[language](chance, is_good), "good" if is_good else "bad")
        for is_good in [True, False] * (number // 2)
    ]
