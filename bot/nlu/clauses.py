"""Patterns that split a folded text and tell what it denies, shared by all that looks for details in it."""

import re

CLAUSE = re.compile(r"[.,;:!?\n]+|\b(?:un|bet|and|but|tacu|tomer|though|although|jo|because)\b")
# A day is the day of applying if its clause speaks of applying or waiting, or consists of nothing but the day.
SENTENCE = re.compile(r"[,;?!\n]+|(?<!\d)\.+(?=\s|$)|\b(?:and|but|un|bet) (?=(?:we|they|i|mes|mums|es|man)\b)")
# Latvian "no" means "from": "no oktobra".
SINCE = r"\W+(?:\d|janv|febr|mart|april|maij|junij|julij|august|septembr|oktobr|novembr|decembr|sakum|rit[ad]|vakar)"
DENIES = re.compile(
    r"\b(?:nav|neviens|nekad|nekada\w*|bez|ne(?:esam|esmu|maksa\w*|bija|bus|norad\w*|ierakst\w*|iedev\w*|redz\w*|ir|"
    rf"sanem\w*|atnac\w*|piedal\w*|skait\w*|tika)|ne|nevis|not|no(?!{SINCE})|non|never|none|without|cannot|isn'?t|aren'?t|"
    r"wasn'?t|weren'?t|don'?t|doesn'?t|didn'?t|haven'?t|hasn'?t|hadn'?t|can'?t|won'?t)\b"
)
IF = re.compile(r"\b(?:ja|if)\b")
NOT_THIS = re.compile(
    r"(?:\b(?:those|these|tos|sos|tie|sie|parsnie\w*|exceed\w*)|\bne|\bnevis|\bnot|\binstead of|\brather than|>|<)\W*$"
)
MONTH = r"(?:jan|feb|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dec)\w*"
