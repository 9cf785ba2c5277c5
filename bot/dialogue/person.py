"""Tell whether a customer wants a person, or is so angry that a person is called."""

import re

from bot.dialogue.heard import PERSON, SURER_PART, Heard
from bot.dialogue.ranking import Talk, rank, thing_of
from bot.text import fold

OF_SUPPORT = "support_"  # the beginning of the names of things that belong to the support service
WANTS_PERSON, PART_WANTS_PERSON, ANGRY = 0.55, 0.75, 0.6  # probability from which a person is called
HINTS_AT_PERSON, HINTS_AT_SOMEBODY = 0.12, 0.4  # the same, where the message has a word for a person, or for anybody
PERSON_NAMED = re.compile(
    r"\b(?:operator\w*|cilvek\w*|dziv\w+|darbiniek\w*|konsultant\w*|specialist\w*|vaditaj\w*|savieno\w*|parsledz\w*|"
    r"human|person|agent|manager|supervisor|operator|representative|put me through|connect me)\b"
)
SOMEBODY_NAMED = re.compile(r"\b(?:someone|somebody|anyone|kads|kadu)\b")
WISHES_PERSON = re.compile(
    r"\b(?:(?:iedod|dod|savieno|pasauc|paaicini?|parsledz|padod)(?:j?iet)?\b(?: \w+){0,3}? "
    r"(?:operator|cilvek|dziv|darbiniek|konsultant|specialist|vaditaj)\w*|"
    r"(?:gribu|vajag|velos) (?:(?:runat|parunat) )?(?:ar )?(?:\w+ )?"
    r"(?:operatoru|cilveku|konsultantu|vaditaju|kadu,? kas)|"
    r"(?:get|give|put|connect|transfer|send) me (?:\w+ ){0,4}?"
    r"(?:someone|somebody|human|person|agent|operator|manager|supervisor)|"
    r"(?:want|need|like) (?:an?|your|the) (?:real |live |human )?"
    r"(?:human|person|agent|operator|representative|manager|supervisor)|"
    r"(?:talk|speak|chat) (?:to|with) (?:an? |your |the )?"
    r"(?:real|live|human|person|agent|operator|someone|somebody|manager|supervisor)"
    r")\b(?! \w+ed\b)"
)
# A call for somebody that consists of nothing else.
CALLS = re.compile(
    r"(?:(?:ludzu|nu|please|pls|an?|your|the) )*(?:operatoru|cilveku|konsultantu|vaditaju|darbinieku|"
    r"operator|human|agent|representative|supervisor|manager)(?: ludzu| please| pls| now| tulit)?\W*"
)
A_PERSON = r"(?:operator|cilvek|darbiniek|konsultant)\w*"
DECLINES = re.compile(
    rf"\b(?:pagaidi(?:et)? ar|kadu vel|kads vel|nevis|bez) {A_PERSON}|"
    r"\b(?:what|instead of an?|rather than an?|wait with the|hold off with the) (?:human|person|agent|operator)\b|"
    rf"\b{A_PERSON}(?: \w+)? ne(?:grib|vaj|vel)\w*|\bne(?:grib|vaj|vel)\w*(?: \w+)* {A_PERSON}|"
    r"\b(?:no|don'?t|not|without)\b(?: \w+){0,3} (?:human|person|agent|operator|anyone)\b"
)
NO_WISH = re.compile(r"\bne(?:grib|vaj|vel)\w*|\bvai\b|\b(?:do|don'?t|not|must|should|have to|never|without)\b")


# A customer who waits asks when somebody comes; a question about any other wait names what it is for.
OF_QUEUE = re.compile(
    r"\b(?:cik ilgi|cik vel|how long|how much longer)\b.*\b(?:(?:ja)?gaid|rind|atbild|wait|queue|take)|"
    r"\b(?:rind[aā]|queue|in line)\b|\b(?:kad|when)\b.*\b(?:kads atbild|somebody|someone|operator|darbiniek|agent)|"
    r"^(?:hal+o|al+o|hello|hey|hei|esat tur|are you there)\W*$|"
    r"\b(?:vai|tur) (?:tur )?kads (?:ir|vispar)\b|\b(?:is )?any(?:one|body) (?:there|here)\b"
)
OF_ELSE = re.compile(
    r"\b(?:kont|parol|rekin|parbaud|pieteik|e-?past|kart|parskait|maksaj|punkt|uzaicin|atzim|biedr|abonement|limen|"
    r"produkt|serij|migr|dokument|account|password|invoice|check|application|e-?mail|card|transfer|pay|point|invit|tick|"
    r"member|tier|product|serial|document)"
)


# A customer wants to leave a message, an address or a number; not an empty field, and no message left by others.
LEAVES_MESSAGE = re.compile(
    r"\batsta\w+(?: \w+){0,2} (?:zinu|zinojumu)\b|"
    r"\batsta\w+ (?:jums )?(?:savu|manu) (?:e-?pastu|telefonu|(?:telefona )?numuru)\b|"
    r"\bleave (?:you )?(?:an?|my|the|this) (?:\w+ )?(?:message|note)\b|"
    r"\bleave (?:you )?my (?:e-?mail|phone|number|contact)"
)
LEAVES_NONE = re.compile(
    r"\btuks\w*|\b(?:empty|blank|fields?|out of|lauk\w*)\b|"
    r"\bne(?:grib|vel|atsta)\w*|n't\b|\b(?:not|dont|didnt|cant|wont)\b"
)


def leaves_message(text: str) -> bool:
    """Tell whether a customer wants to leave a message for CPS priority support."""
    said = fold(text)
    return bool(LEAVES_MESSAGE.search(said)) and not LEAVES_NONE.search(said)


def asks_of_queue(text: str) -> bool:
    """Tell whether a customer who waits for a person asks about the wait."""
    said = fold(text)
    return bool(OF_QUEUE.search(said)) and not OF_ELSE.search(said)


def calls_person(talk: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return the actions that call a person if the customer wants one or is angry, or None."""
    for part in heard.parts:
        if CALLS.fullmatch(part.text) or (WISHES_PERSON.search(part.text) and not NO_WISH.search(part.text)):
            return (PERSON,)
    if heard.parts and _asks_of_support(talk, heard):
        return None
    if heard.intent == "person":
        return (PERSON,)
    declines = any(DECLINES.search(part.text) for part in heard.parts)
    for number, part in enumerate(heard.parts):
        wants = part.intent("person")
        least = WANTS_PERSON if number == 0 else PART_WANTS_PERSON  # few words mean little by themselves
        if SOMEBODY_NAMED.search(part.text):
            least = HINTS_AT_SOMEBODY
        if wants >= (HINTS_AT_PERSON if PERSON_NAMED.search(part.text) else least) and not declines:
            return (PERSON,)
    if heard.likely("angry") >= ANGRY:
        return ("utter_angry", PERSON)
    return None


def _asks_of_support(talk: Talk, heard: Heard) -> bool:
    """Tell whether a message asks about the support service, such as its telephone number, and for nobody of it."""
    best = rank(heard.parts[0], talk, heard.told)[0]
    return best.sure >= SURER_PART and (thing_of(best.address) or "").startswith(OF_SUPPORT)
