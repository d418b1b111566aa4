"""Asking people for more than a chat may know: their story, names, papers, pictures, the exact place, who did it.

Rule 1: it is asked when the text asks here for it; what is to be shown to a doctor or an office is not asked here.
Rule 2: a clause with a *no* asks for nothing: *send no photos*, *you need not say what happened*.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.checks.clauses import clauses, whole


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The patterns of one language. `says`: asks by itself; `gives` with `what`: both in one clause. `elsewhere`: not here."""

    says: re.Pattern[str]
    gives: re.Pattern[str]
    what: re.Pattern[str]
    elsewhere: re.Pattern[str]
    denied: re.Pattern[str]


_TONGUES: Final[Mapping[str, _Tongue]] = {
    "en": _Tongue(
        says=whole(
            r"(?:what|whats|what s) (?:exactly )?happened(?: to you)?|(?:tell|give|show) (?:us|me)(?: \w+){0,3} (?:story|happened|name|"
            r"names|address|everything)|"
            r"(?:what is|whats|what s) your (?:\w+ )?(?:name|surname|address|phone|number|passport|date of birth|birthday|religion|"
            r"tribe)|"
            r"your story|how many (?:men|times|people were)(?: \w+)*|the address of (?:the|your) (?:house|home|farm|work\w*|place|"
            r"boss)|what (?:did|does) (?:he|she|they|your \w+) (?:do|make|say)(?: \w+)*|(?:the )?name of (?:your|the) (?:\w+)|what are "
            r"you "
            r"called|when were you born|your (?:full|real|complete|exact|last|family) (?:name|address|story)|"
            r"where (?:exactly|precisely)(?: \w+)*|where (?:do|did) you (?:live|sleep|work|stay)|where are you(?: now| right now)?|"
            r"(?:which|what) (?:street|house|hotel|village|building|neighbou?rhood|district|ethnic group|tribe|religion)|"
            r"who (?:forced|hurt|hit|beat|took|did|brought|sold|raped|threatened|recruited|made) (?:you|this|it|that|your)(?: \w+)*|"
            r"who is (?:he|she|your boss|the boss)|"
            r"why (?:did|are|do|have) you(?: \w+)*|how did (?:you|it|this|he|they)(?: \w+)*|(?:are you|do you have) hiv(?: \w+)*|tell "
            r"(?:us|me) (?:more|about|who|where|when|how|why)(?: \w+)*"
        ),
        gives=whole(
            r"(?:send|sends|upload|attach|share|post|type|write|enter|describe|explain|record|forward|state|provide|give us|give me|"
            r"show us|show me|tell us|tell me|"
            r"we need|need|need to know|sending|write down)"
        ),
        what=whole(
            r"photos?|pictures?|selfies?|videos?|voice message|(?:your|the|his|her|their|a|full|real)(?: \w+)? (?:name|names|story|"
            r"passport|papers?|documents?|id|card|address|"
            r"location|position|visa|birth|phone number)|passport|documents?|identity card|location|gps|address|date of birth|exact "
            r"place|what happened|everything|"
            r"in detail|all the details|the details|(?:the|this) (?:man|woman|person|boss) who(?: \w+)*|who (?:he|she|they)(?: \w+)*|"
            r"where you (?:live|are|sleep|work|stay)"
        ),
        elsewhere=whole(
            r"to (?:the|a|your|an|iom|unhcr|them|their)(?: \w+)* (?:office|staff|doctor|nurse|consulate|embassy|lawyer|airport|"
            r"hospital|police)|there|on the phone|by phone|"
            r"at the (?:office|airport|consulate|hospital)|someone you trust|(?:they|agents?|somebody|someone|who|nobody|staff|"
            r"consulate|office) (?:\w+ )?(?:asks?|wants?)"
        ),
        denied=whole(
            r"no|not|never|nobody|nothing|don t|do not|without|cannot|need not|neither|nor|will not|won t|if you (?:want|wish|like)|"
            r"may ask|they ask"
        ),
    ),
    "fr": _Tongue(
        says=whole(
            r"que s est il passe(?: \w+)*|qu est ce qui (?:s est passe|vous est arrive)(?: \w+)*|ce qui (?:s est passe|vous est "
            r"arrive)|que vous est il arrive|"
            r"(?:quel est|c est quoi|quels sont) (?:votre|vos|ton) (?:\w+ )?(?:noms?|prenoms?|adresse|numero|passeport|date de "
            r"naissance|age|religion|ethnie)|"
            r"votre histoire|racontez(?: \w+)*|combien (?:etaient|de fois|d hommes|de personnes etaient)(?: \w+)*|l adresse (?:de|du) "
            r"(?:la |votre |l )?(?:maison|ferme|chantier|patron\w*|travail)|(?:que|qu) (?:vous )?(?:a|ont) t (?:il|elle|ils|elles|on) "
            r"fait(?: \w+)*|(?:le|les) noms? (?:de|du) (?:votre |la |l )?\w+|"
            r"ou (?:se trouve|est) (?:la|le|l|cette|votre) (?:maison|lieu|endroit|chantier|ferme|patron\w*)|ce que vous avez (?:vecu|"
            r"subi)|comment vous appelez vous|quand etes vous nee?|votre (?:vrai |nom )?(?:nom|histoire|adresse) (?:complete?t?|"
            r"exacte?|"
            r"entiere?)|"
            r"(?:dans|a) quelle? (?:rue|maison|hotel|village|immeuble|quartier|adresse)(?: \w+)*|ou (?:exactement|precisement)(?: \w+)*|"
            r"ou (?:habitez|vivez|dormez|travaillez|logez|etes) vous(?: \w+)*|qui (?:vous )?(?:a|ont|est) (?:\w+ )?(?:frappe\w*|"
            r"force\w*|fait|pris|amene\w*|vendu\w*|viole\w*|menace\w*|"
            r"votre patron)(?: \w+)*|pourquoi (?:avez|etes|avoir|vous|voulez|ne)(?: \w+)*|comment (?:est ce arrive|cela est arrive|"
            r"etes vous \w+)(?: \w+)*|"
            r"(?:racontez|dites|expliquez)(?: nous| moi)? (?:votre histoire|tout|en detail|ce qui|ce qu|pourquoi|qui|ou|comment|"
            r"quand)(?: \w+)*"
        ),
        gives=whole(
            r"envoyez|envoyer|envoie|partagez|partager|joignez|joindre|postez|ecrivez|ecrire|tapez|notez|racontez|raconter|decrivez|"
            r"decrire|expliquez|donnez(?: nous| moi)?|"
            r"montrez (?:nous|moi)|dites(?: nous| moi)?|indiquez|precisez|il (?:nous )?faut|nous avons besoin|besoin|transmettez|"
            r"enregistrez|fournissez|fournir"
        ),
        what=whole(
            r"photos?|images?|selfies?|videos?|vocal|(?:votre|vos|le|les|un|son|ses)(?: \w+)? (?:noms?|prenoms?|histoire|passeport|"
            r"papiers?|documents?|carte|adresse|position|localisation)|"
            r"(?:vos|votre) (?:noms?|papiers?|documents?|histoire|passeport|adresse|position)|passeport|documents?|carte d identite|"
            r"localisation|position|gps|adresse|date de naissance|"
            r"lieu exact|ce qui s est passe|ce qui vous est arrive|en detail|tous les details|les details|l homme qui|la femme qui|la "
            r"personne qui|qui vous(?: \w+)*|ou vous (?:etes|habitez|dormez|vivez)"
        ),
        elsewhere=whole(
            r"(?:a|au|aux) (?:la |l |un |une )?(?:\w+ )?(?:bureau|docteur|medecin|infirmiere|consulat|ambassade|avocat|aeroport|"
            r"hopital|equipe de l oim|oim|hcr|personnel)(?: \w+)*|la bas|"
            r"au telephone|par telephone|(?:quelqu un|on|il|elle|agent|bureau|consulat) (?:vous )?demande|vos papiers medicaux"
        ),
        denied=whole(r"ne|n|pas|jamais|personne|rien|aucune?|ni|sans|non|inutile|si vous voulez|peut demander"),
    ),
    "ar": _Tongue(
        says=whole(
            r"[وف]?(?:ب|ل)?قصتك|كم (?:كان|كانوا|مره|رجل\w*)(?: \w+)*|[وف]?(?:ما|ما هو) عنوان (?:\w+)|[وف]?(?:ما|ما هو) اسم (?:\w+)(?: "
            r"\w+)*|اين (?:يقع|توجد|يوجد|تقع) (?:البيت|الدار|المكان|المزرعه|الورشه|مكان العمل)(?: \w+)*|"
            r"ماذا فعل\w* (?:بك|لك|معك)(?: \w+)*|[وف]?(?:ما|ما هو) رقم (?:هاتفك|جوازك|تيليفونك)|"
            r"[وف]?(?:ماذا|ما الذي|ما) (?:حدث|حصل|جري|وقع)(?: \w+)*|[وف]?(?:ما|ما هو|ماهو) (?:اسمك|اسمكم|عنوانك|رقمك|عمرك|سنك|دينك|"
            r"تاريخ ميلادك|الاسم الكامل|العنوان)(?: \w+)*|"
            r"اسمك الكامل|الاسم الكامل|العنوان (?:الكامل|الدقيق|بالتفصيل)|(?:اين|فين|وين) (?:تسكن|تعيش|تنام|تعمل|تقيم|السكن|انت|مكانك|"
            r"يوجد مكانك|العنوان)(?: \w+)*|اين بالضبط(?: \w+)*|"
            r"(?:في|باي) اي (?:شارع|حي|بيت|فندق|قريه|عماره|دار)(?: \w+)*|من (?:ضربك|اجبرك|اخذ|فعل|باعك|جلبك|هددك|اغتصبك|هو الشخص|هو "
            r"صاحب)(?: \w+)*|كيف (?:حدث|وقع|حصل|وصلت)(?: \w+)*|"
            r"متي (?:ولدت|حدث)(?: \w+)*|[وف]?(?:نريد|نحتاج|المطلوب|يجب)(?: الي)?(?: \w+)? (?:قصتك|القصه|التفاصيل|تفاصيل|معرفه قصتك)(?: "
            r"\w+)*|احك\w* (?:لنا|قصتك|ما)(?: \w+)*|لماذا(?: \w+)+"
        ),
        gives=whole(
            r"[وف]?(?:ب|ل|لل)?(?:ال)?(?:ارسال|كتابه|اعطاء|ذكر|مشاركه|تسجيل|وصف|حكايه|شرح|تقديم|ارفاق)|[وف]?(?:ارسل\w*|اكتب\w*|شارك\w*|"
            r"اذكر\w*|صف\w?|اشرح\w*|نحتاج|نريد|المطلوب|ابعث\w*|صيفط\w*|عطينا|قل لنا|يكفي|الرجاء)"
        ),
        what=whole(
            r"[وف]?(?:ب|ل|لل)?(?:ال)?(?:صوره|صور|جواز|جوازك|وثيقه|وثائق|وثايق|وثيقتك|وثايقك|بطاقتك|بطاقه|عنوان|عنوانك|موقع|موقعك|قصه|"
            r"قصتك|اسم|اسمك|اسماء|اسمكم|تفاصيل|ميلاد|فيديو|مكانك)|تاريخ الميلاد|تاريخ ميلادك|ما حدث|ما وقع|كل شيء"
        ),
        elsewhere=whole(
            r"عند (?:الطبيب|المكتب|القنصليه|المطار)(?: \w+)*|[وف]?(?:لل|الي ال|علي ال|في ال)(?:طبيب|مكتب|قنصليه|محامي|مطار|مستشفي)(?: "
            r"\w+)*|هناك|بالهاتف|في الهاتف|شخص يطلب|يطلب|يطلبون|طلب شخص"
        ),
        denied=whole(r"[وف]?(?:لا|لم|لن|ليس\w*|غير|دون|بدون|عدم|الا|ما من|احد|يمكن عدم)"),
    ),
}


def asked_too_much(text: str, bare: str, language: str) -> Iterator[str]:
    """The words of each clause that asks for more than a chat may know. `bare`: the text folded."""
    tongue = _TONGUES.get(language)
    if tongue is None or not (tongue.says.search(f" {bare} ") or (tongue.what.search(f" {bare} ") and tongue.gives.search(f" {bare} "))):
        return
    for clause in clauses(text):
        words = clause.words
        if tongue.denied.search(words) or tongue.elsewhere.search(words):
            continue
        if tongue.says.search(words) or (tongue.gives.search(words) and tongue.what.search(words)):
            yield clause.said
