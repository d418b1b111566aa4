"""What nobody can promise, in whatever words: a day or a delay, money, a bed, papers, safety.

Rule 1: a promise is somebody who will (or does) give, and what is given, in one clause without a *no*, a *may* or an *if somebody says*.
Rule 2: what is said of a number of weeks stands without a subject too: *it takes three weeks* is a promise.
Rule 3: it is a list of ways to say it, and never whole: what is promised between the lines passes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.checks.clauses import Clause, clauses, whole


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The patterns of one language. `soft`: what takes a promise away; `when`, `lasts`: a day, a delay; `bare`: a promise by itself.

    `event`: what is awaited, `comes`: what nobody brings about alone; `gives`: who gives or gets, surely; `given`: what.
    `first`: words of which each promise has one, for a first look.
    """

    soft: re.Pattern[str]
    when: re.Pattern[str]
    event: re.Pattern[str]
    comes: re.Pattern[str]
    lasts: re.Pattern[str]
    gives: re.Pattern[str]
    given: re.Pattern[str]
    bare: re.Pattern[str]
    first: frozenset[str]


_EN_N: Final = (
    r"(?:\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|a few|few|a couple of|just \w+|only \w+)"
)
_EN_DAY: Final = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_EN_MONTH: Final = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_EN_UNIT: Final = r"(?:minutes?|hours?|days?|nights?|weeks?|months?)"
_EN_WHEN: Final = (
    rf"today|tonight|tomorrow|overnight|this (?:evening|morning|afternoon|night|week|weekend|month|{_EN_DAY})"
    rf"|(?:next|on|by|before|until|every) (?:next )?(?:week|month|{_EN_DAY}|{_EN_MONTH}|tomorrow|tonight|christmas|ramadan|eid|the "
    rf"feast|new year|summer|\d+)"
    rf"|(?:in|within|after|under|less than|at most|no more than|not more than|inside) (?:about |less than |around |exactly |at most "
    rf")?{_EN_N} {_EN_UNIT}"
    rf"|{_EN_N} {_EN_UNIT} (?:from now|later|at most|maximum)|the same day|the next day|right away|immediately|at once|straight away"
    rf"|\d+ {_EN_MONTH}|{_EN_MONTH} \d+|the \d+(?:st|nd|rd|th)|before the end of (?:the|this) (?:week|month|year)"
)
_EN_THING: Final = (
    r"(?:beds?|rooms?|shelters?|lodging|accommodation|housing|a house|a home|a roof|place to (?:sleep|stay)|places to (?:sleep|stay)|"
    r"place|"
    r"places|seats?|tickets?|flights?|money|cash|dollars?|euros?|dinars?|dirhams?|francs?|pounds?|allowance|grant|funds|salary|pay|"
    r"compensation|"
    r"papers|passport|visa|visas|residence(?: permit| card)?|work permit|refugee (?:status|card)|asylum|protection|"
    r"jobs?|work|shop|business|training|a lawyer|a doctor|an appointment|food)"
)
_EN_FIRST: Final = (
    "minute minutes hour hours day days night nights week weeks month months today tonight tomorrow overnight evening morning "
    "afternoon weekend monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas ramadan eid feast summer prison jail help centre business happen victim away "
    "immediately once bed beds room "
    "rooms shelter shelters lodging "
    "accommodation housing house home roof sleep stay place places seat seats ticket tickets flight flights money cash dollar "
    "dollars euro euros dinar dinars dirham dirhams franc francs pound pounds usd eur da mad dh dhs allowance grant funds salary pay "
    "compensation papers passport visa visas residence permit refugee asylum protection job jobs work shop business training lawyer "
    "doctor appointment food qualify accepted entitled approved granted safe risk arrest arrested expel expelled deport deported "
    "catch caught find found touch hurt know see sent right"
)
_EN: Final = _Tongue(
    soft=whole(
        r"not|never|nobody|no one|cannot|can t|don t|won t|doesn t|isn t|no|none|may|might|perhaps|sometimes|if|whether|could|depends?|"
        r"some (?:people|persons)|people in your situation|(?:someone|somebody|anyone|anybody|whoever|who|agents?|he|she|they) "
        r"(?:who )?(?:says?|said|tells?|claims?|promises?|sells?|asks?)|promise of|was promised|were promised|you were|you can ask|can "
        r"ask|ask for|"
        r"want|would you like|would like|erased?|deleted?|kept"
    ),
    when=whole(_EN_WHEN),
    event=whole(
        r"fly|flies|flying|flight|plane|leave|leaves|leaving|depart|departure|travel|go (?:back )?home|be (?:back )?home|return|be "
        r"back|seat|"
        r"ticket|answer|answers|answered|reply|replies|call|calls|call you back|come|comes|arrive|arrives|receive|get|gets|have|"
        r"accepted|approved|"
        r"paid|released|freed|out|ready|done|registered|help|helped|bed|room|place|money|papers|passport|visa|pick you up|sleep|rescue|"
        r"rescued|"
        r"send|sent|find|found|book|booked|meet|see you"
    ),
    comes=whole(
        r"flights?|planes?|departures?|tickets?|seats?|answers?|trips?|interviews?|repl(?:y|ies)|money|papers|passport|visa|beds?|paid|"
        r"accepted|home|"
        r"rescued|released"
    ),
    lasts=whole(
        rf"(?:fly|flies|leave|leaves|travel|travels|go|goes|return|returns|depart|departs)(?: home| back)? (?:after|in|within|under) "
        rf"(?:about |only )?"
        rf"{_EN_N} {_EN_UNIT}|(?:fly|leave|travel|go home|depart) (?:next (?:week|month|{_EN_DAY})|tomorrow|tonight|on {_EN_DAY}|this "
        rf"week)|"
        rf"(?:usually|often|mostly|expect|count on) (?:only |just |about )?{_EN_N} {_EN_UNIT}|(?:just|only) (?:\d+|two|three|four|five|"
        rf"ten) {_EN_UNIT}|"
        rf"(?:takes|take|lasts|last|waits?(?: is)?|waiting time is|need|needs|in) (?:only |just |about |around |at most |exactly |less "
        rf"than )?"
        rf"(?!a (?:long|short|few|while)){_EN_N} {_EN_UNIT}|(?:your|the) (?:flight|plane|trip|departure|interview) "
        r"(?:is|leaves|will be) at \d+"
    ),
    gives=whole(
        r"(?:you|u|we|they|iom|everyone|everybody|each person|all of you|unhcr|(?:the|our) (?:team|office|staff|consulate|association|"
        r"desk|lawyer|judge|charity|church|centre|center|government)|"
        r"someone|somebody|a person|the government|the state)(?: \w+){0,1} (?:will|ll|shall|are going to|is going to|gonna|get|gets|"
        r"receive|"
        r"receives|have|has|are given|are paid|give|gives|pay|pays|offer|offers|provide|provides|always|arrange|arranges|guarantees?|"
        r"book|books|"
        r"find|finds|keep|keeps|hold|holds|reserve|reserves|host|hosts)"
    ),
    given=whole(_EN_THING),
    bare=whole(
        rf"(?:we|they|you) (?:still )?have (?:\d+|\w+ty|two|three|four|five|six|ten|many|enough|free|plenty of|a few|always|a|your) "
        rf"(?:free )?{_EN_THING}|"
        rf"there (?:is|are|will be) (?:always |still |enough |free |\d+ |a |an |one |two |three |ten |many )+(?:free )?(?:beds?|rooms?|"
        rf"places?|seats?)"
        r"(?: \w+)*|(?:beds?|rooms?|places?|seats?) (?:is|are) (?:free|ready|waiting|reserved|kept|left|available|yours|booked|sure|"
        r"certain)|"
        r"a (?:bed|room|place|seat) for you|\d+ (?:free )?(?:beds|places|seats|rooms)|"
        r"(?:won t|will not|will never) (?:send|put|take|bring) you (?:to|in|into) (?:prison|jail)|you (?:won t|will not|will never) "
        r"(?:go to|end in) (?:prison|jail)|"
        r"you can (?:sleep|stay|live) (?:at|in|with) (?:our|the|this|us)(?: \w+)*|help is (?:coming|on (?:its|the) way)(?: \w+)*|"
        r"(?:room|place|space|beds|food|money) for (?:everybody|everyone|all|you|your family)|nothing (?:bad )?(?:can|will) happen(?: "
        r"\w+)*|"
        r"(?:the police|they|nobody|no one) (?:never|do not|don t) (?:arrest|expel|deport|hurt)s?(?: \w+)*|you are (?:a )?(?:refugee|"
        r"victim)|"
        r"you (?:qualify|are accepted|are entitled|have been accepted|have the right to (?:money|a bed|return|the (?:help|money)))|"
        r"(?:your (?:request|file|return)) (?:is|was|will be|has been) (?:accepted|approved|granted)|"
        r"you (?:are|will be|ll be) (?:completely |totally |perfectly |fully |quite |always )?safe(?: \w+){0,3}|you(?: ll| will)? risk "
        r"nothing|"
        r"(?:the police|they|nobody|no one) (?:will not|won t|will never|will|cannot|can t) (?:arrest|expel|catch|deport|find|touch|"
        r"hurt|know|see)(?: \w+){0,3}|"
        r"you (?:will not|won t|cannot|can t) be (?:arrested|expelled|deported|found|hurt|sent back)"
    ),
    first=frozenset(_EN_FIRST.split()),
)

_FR_N: Final = r"(?:\d+|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|quelques|peu de)"
_FR_DAY: Final = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_FR_MONTH: Final = r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
_FR_UNIT: Final = r"(?:minutes?|heures?|h|jours?|nuits?|semaines?|mois)"
_FR_WHEN: Final = (
    rf"aujourd hui|ce soir|cette nuit|cette semaine|ce mois ci|ce week end|demain(?: \w+)?|apres demain|des (?:ce soir|demain|{_FR_DAY})|"
    rf"la semaine prochaine|le mois prochain|{_FR_DAY}(?: prochain)?|le \d+(?: {_FR_MONTH})?|en {_FR_MONTH}|le jour meme|immediatement|"
    rf"sur le champ|"
    rf"(?:dans|d ici|sous|en|apres|avant|au bout de|au plus tard dans|moins de|en moins de|au plus) (?:environ |a peine |moins de |les "
    rf"|seulement |plus de )?"
    rf"{_FR_N} {_FR_UNIT}|avant (?:{_FR_DAY}|demain|la fin|noel|l aid|l ete|le \d+|le ramadan)|{_FR_N} {_FR_UNIT} (?:plus tard|maximum|"
    rf"au plus|au "
    rf"maximum)"
)
_FR_THING: Final = (
    r"(?:lits?|chambres?|abri|hebergement|logement|toit|lieu pour dormir|endroit pour dormir|ou dormir|places?|sieges?|billets?|vols?|"
    r"avion|argent|"
    r"sous|dollars?|euros?|dinars?|dirhams?|francs?|prime|allocation|somme|salaire|indemnites?|papiers|passeport|visas?|titre de sejour|"
    r"carte (?:de sejour|de refugie)|statut|asile|protection|travail|emploi|boulot|boutique|commerce|formation|avocat|rendez vous|"
    r"nourriture)"
)
_FR_FIRST: Final = (
    "minute minutes heure heures h jour jours nuit nuits semaine semaines mois aujourd demain soir immediatement champ lundi mardi "
    "mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre "
    "noel ramadan aid ete prison aide centre chez paye payee offert rembourse lit lits chambre chambres abri hebergement logement toit "
    "dormir place places "
    "siege sieges billet billets vol vols "
    "avion argent sous dollar dollars euro euros dinar dinars dirham dirhams franc francs cfa da dh dhs prime allocation somme "
    "salaire indemnite indemnites papiers passeport visa visas titre carte statut asile protection travail emploi boulot boutique "
    "commerce formation avocat rendez nourriture acceptee accepte acceptes acceptees retenu retenue choisi choisie selectionne "
    "selectionnee admis admise approuve approuvee valide validee accorde accordee securite risquez arretera arreteront arrete "
    "arretee expulse expulsee expulsera renvoye renvoyee renverra trouve trouvee trouvera saura verra touchera"
)
_FR: Final = _Tongue(
    soft=whole(
        r"ne|n|pas|jamais|personne|aucune?|rien|non|peut etre|parfois|si|selon|depend|peut|peuvent|pourrait|pourraient|certaines|"
        r"certains|"
        r"(?:quelqu un|on|une personne|il|elle|qui|agent|passeur) (?:qui )?(?:vous )?(?:dit|promet|vend|demande|assure)|promesse|avait "
        r"promis|"
        r"vous pouvez|pouvez|effacee?s?|gardee?s?|voulez|aimeriez|souhaitez|demander|demandez"
    ),
    when=whole(_FR_WHEN),
    event=whole(
        r"part\w*|depart\w*|heberg\w+|log\w+|volerez|vol|avion|rentr\w+|retourn\w+|voyag\w+|quitt\w+|place|billet|repon\w+|rappel\w+|"
        r"appel\w+|vien\w+|arriv\w+|"
        r"recev\w+|recoi\w+|"
        r"aur\w+|avez|avoir|obten\w+|obtien\w+|accept\w+|pay\w+|liber\w+|sort\w+|pret\w*|inscrit\w*|aid\w+|lit|chambre|argent|papiers|"
        r"passeport|visa|"
        r"cherch\w+|dorm\w+|trouv\w+|ser\w+|donn\w+|envo\w+|chez vous|maison"
    ),
    comes=whole(
        r"vols?|avion|departs?|voyages?|rendez vous|entretiens?|billets?|sieges?|reponses?|argent|papiers|passeport|visa|lits?|"
        r"chambres?|logement|payee?s?|acceptee?s?|"
        r"chez vous|liberee?"
    ),
    lasts=whole(
        rf"(?:partent|rentrent|voyagent|retournent|part|rentre|voyage) (?:chez (?:elles|eux) )?(?:apres|en|sous|dans|au bout de) "
        rf"(?:environ )?{_FR_N} {_FR_UNIT}|"
        rf"(?:prend|prendra|dure|durera|attente (?:est )?de|comptez|faut(?: compter)?|attend|attendez|delai (?:est )?de) "
        rf"(?:seulement |environ |a peine |juste |au plus |moins de |exactement )?(?:{_FR_N} a )?{_FR_N} {_FR_UNIT}|"
        rf"(?:votre|le) (?:vol|depart|avion|voyage|rendez vous|entretien) (?:est|part|sera|aura lieu) (?:prevu |fixe )?"
        r"a \d+"
    ),
    gives=whole(
        r"(?:vous|tu|on|nous|l oim|oim|chacun|tout le monde|le hcr|l (?:equipe|association|ong|etat)|le (?:bureau|consulat)|quelqu un|"
        r"une personne)(?: (?:vous|te|leur|y|en|a))?(?: \w+)? (?:\w{2,}(?:rez|ras|ra|rons|ront)|allez|va|vont|allons|as|avez|recevez|"
        r"recoit|obtenez|touchez|"
        r"touche|donne|donnons|finance|financons|paie|paye|payons|offre|offrons|fournit|fournissons|trouve|trouvons|garde|gardons|"
        r"reserve|reservons|"
        r"heberge|hebergeons|"
        r"loge|logeons|remet|verse|versons|partez|rentrez)"
    ),
    given=whole(_FR_THING),
    bare=whole(
        rf"(?:nous|on|vous) (?:avons|a|avez)(?: encore| toujours)? (?:\d+|des|deux|trois|quatre|cinq|dix|plusieurs|beaucoup de|assez "
        rf"de|un|une|votre) {_FR_THING}"
        r"(?: \w+)*|il (?:y a|reste|y aura)(?: encore| toujours)? (?:\d+|des|deux|trois|cinq|dix|assez de|un|une|de la) (?:lits?|"
        r"chambres?|places?|sieges?)(?: \w+)*|"
        r"(?:lits?|chambres?|places?|sieges?) (?:(?:est|sont|reste\w*|toujours|deja) )*(?:libres?|prete?s?|reservee?s?|vous attend\w*|"
        r"assuree?s?|garantie?s?|disponibles?|a vous)(?: \w+)*|"
        r"(?:un|une) (?:lit|chambre|place) (?:est |pour vous|vous attend)(?: \w+)*|\d+ (?:lits|places|sieges|chambres)|"
        r"vous (?:n |ne )?(?:irez|finirez) (?:pas |jamais )?en prison|l aide (?:arrive|est en route|vient)(?: \w+)*|vous pouvez "
        r"(?:dormir|rester|loger) (?:chez nous|dans notre|au centre|a notre)(?: \w+)*|"
        r"(?:votre|le|un) (?:billet|vol|voyage|depart|logement|retour) (?:sera|est) (?:payee?|offert|pris en charge|rembourse|"
        r"reserve)(?: \w+)*|"
        r"vous (?:etes|serez|avez ete) (?:acceptee?s?|retenue?s?|choisie?s?|selectionnee?s?|admise?s?)|"
        r"votre (?:demande|dossier|retour) (?:est|sera|a ete) (?:acceptee?|approuvee?|valide\w*|accordee?)|"
        r"vous (?:etes|serez) (?:completement |totalement |toujours |bien |tout a fait )?en securite(?: \w+){0,3}|vous (?:ne )?risquez "
        r"rien|"
        r"(?:la police|on|personne|ils) (?:ne )?(?:vous |le |la )?(?:arretera|expulsera|renverra|trouvera|saura|verra|touchera|"
        r"arreteront|arrete|expulse)(?: pas| jamais| rien)?|"
        r"vous (?:ne )?(?:serez|pouvez) (?:pas |jamais )?(?:etre )?(?:arretee?|expulsee?|renvoyee?|trouvee?)"
    ),
    first=frozenset(_FR_FIRST.split()),
)

_AR_P: Final = r"[وف]?"
_AR_N: Final = r"(?:\d+|واحد\w?|اثنين|اثنتين|ثلاث\w?|اربع\w?|خمس\w?|ست\w?|سبع\w?|ثماني\w?|تسع\w?|عشر\w?|عشرين|ثلاثين|بضع\w?)"
_AR_UNIT: Final = (
    r"(?:دقيقه|دقايق|ساعه|ساعات|ساعتين|يوم|يوما|يومين|ايام|ليله|ليال|اسبوع|اسبوعا|اسبوعين|اسابيع|سيمانه|شهر|شهرا|شهرين|اشهر|شهور)"
)
_AR_SPAN: Final = (
    rf"(?:{_AR_N} {_AR_UNIT}|دقيقه|ساعه|ساعتين|يوم|يومين|ليله|اسبوع|اسبوعين|سيمانه|شهر|شهرين|(?:ساعات|ايام|اسابيع|اشهر) (?:قليله|معدوده))"
)
_AR_DAY: Final = r"(?:الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه|السبت|الاحد)"
_AR_WHEN: Final = (
    rf"{_AR_P}(?:اليوم|الليله|غدا|بعد غد|هذا (?:المساء|الاسبوع|الشهر|اليوم)|هذه (?:الليله|السيمانه)|يوم {_AR_DAY}|{_AR_DAY}|الاسبوع "
    rf"(?:القادم|المقبل)|"
    rf"الشهر (?:القادم|المقبل)|فورا|في الحال|في نفس اليوم)|"
    rf"{_AR_P}(?:خلال|بعد|في|قبل|في غضون|في ظرف|في اقل من|في اقل من|مده) (?:اقل من )?{_AR_SPAN}(?: واحد\w?)?|"
    rf"{_AR_P}قبل (?:{_AR_DAY}|نهايه (?:الاسبوع|الشهر)|رمضان|العيد)"
)
_AR_THING: Final = (
    r"(?:[وف]?[بلك]?(?:ال)?(?:سرير|سريرا|اسره|غرفه|مكان|مكانا|مبيت|مبيتا|ماوي|سكن|سكنا|ايواء|تذكره|مقعد|مقعدا|طايره|رحله|مال|مالا|فلوس|"
    r"نقود|مبلغ|مبلغا|دولار|دولارا|"
    r"اورو|يورو|دينار|دينارا|درهم|درهما|فرنك|فرنكا|منحه|اجر|تعويض|اوراق|اوراقا|جواز|تاشيره|فيزا|اقامه|لجوء|حمايه|عمل|عملا|وظيفه|شغل|"
    r"محل|تكوين|محامي|محاميا|محام|موعد|موعدا))"
)
_AR_WILL: Final = r"(?:[وف]?(?:سوف|راح|غادي|رايح)(?: \w+)?|[وف]?س[يتن](?!نوات|نتين|ياره|يارات|يمان|اعه|اعات|ته)\w{2,})"
_AR_FIRST: Final = (
    "دقيقه دقايق ساعه ساعات ساعتين يوم يوما يومين ايام ليله ليال اسبوع اسبوعا اسبوعين اسابيع سيمانه شهر شهرا شهرين اشهر شهور اليوم "
    "غدا غد مساء اثنين ثلاثاء اربعاء خميس جمعه سبت احد فورا حال قادم مقبل رمضان سرير سريرا اسره غرفه مكان مكانا اماكن مبيت مبيتا "
    "ماوي سكن سكنا ايواء تذكره مقعد مقعدا مقاعد طايره رحله مال مالا فلوس نقود مبلغ مبلغا دولار دولارا اورو يورو دينار دينارا درهم "
    "درهما فرنك فرنكا منحه اجر تعويض اوراق اوراقا جواز تاشيره فيزا اقامه لجوء حمايه عمل عملا وظيفه شغل محل تكوين محامي محاميا محام "
    "موعد عيد تذكره "
    "موعدا طلبك ملفك عودتك امان مامن لن خطر سجن مساعده مركزنا مركز بيتنا دارنا عندنا معنا سيعرف سيري سيجد سيعلم"
)
_AR: Final = _Tongue(
    soft=whole(
        r"[وف]?(?:لا|لم|لن|ليس\w*|غير|دون|بدون|عدم|احد|قد|ربما|احيانا|اذا|لو|حسب|يمكن|يمكنك|ممكن|من الممكن|بعض|الوعد|وعد|يقول|يقولون|"
        r"يعد|يدعي|من يعد|طلب|طلبك|"
        r"تمحي|يمحي|محو|حذف|تحذف|تبقي|يبقي|هل)"
    ),
    when=whole(_AR_WHEN),
    event=whole(
        rf"{_AR_WILL}|[وف]?(?:ال)?(?:سفر|سفرك|رحله|رحلتك|طايره|عوده|عودتك|مغادره|موعد|موعدك|جواب|رد|مال|سرير)|تسافر|تعود|ترجع|تغادر|"
        rf"تحصل|تاخذ|تستلم|ياتي|يصل|نتصل|يتصل"
    ),
    comes=whole(rf"{_AR_WILL}|[وف]?(?:ال)?(?:سفر|سفرك|رحله|رحلتك|موعد|موعدك|طايره|طايرتك|مغادره|تذكره|تذكرتك|جواب|رد|مال|سرير)"),
    lasts=whole(
        rf"(?:يسافر|يسافرون|تسافر|يعود|يعودون|يرجعون|يغادرون) (?:\w+ )?(?:بعد|خلال|في) {_AR_SPAN}|"
        rf"(?:يستغرق|تستغرق|ياخذ|تاخذ|يدوم|تدوم|مده الانتظار|الانتظار|المده)(?: الامر| ذلك| الانتظار| هي| فقط| حوالي| نحو)* {_AR_SPAN}"
    ),
    gives=whole(
        rf"{_AR_WILL}|[وف]?(?:تحصل|تحصلين|يحصل|يتلقي|تاخذ|تستلم|تتلقي|نعطيك|نعطيكم|يعطيك|يعطونك|تعطيك|نمنحك|تمنحك|يمنحك|ندفع|تدفع "
        rf"المنظمه|يدفع|"
        rf"نوفر|توفر|يوفر|نجد|نحجز|لديك|عندك|لكم|نضمن|"
        r"نحتفظ|ينتظرك|تنتظرك|في انتظارك|لك|لدينا|عندنا|يوجد|هناك)"
    ),
    given=whole(_AR_THING),
    bare=whole(
        r"\d+ (?:سرير\w?|اسره|مكان\w?|اماكن|مقعد\w?|مقاعد)|(?:عشره|خمسه|ثلاثه|اربعه) (?:اسره|اماكن|مقاعد)|"
        r"[وف]?(?:طلبك|ملفك|عودتك) (?:مقبول\w?|تم قبوله|موافق عليه\w?)|[وف]?(?:تم قبول|تمت الموافقه علي) (?:طلبك|ملفك)|[وف]?(?:سيتم|"
        r"ستتم) (?:قبول|الموافقه علي) \w+|"
        r"[وف]?(?:انت|ستكون|ستكونين|ستبقي)(?: دايما| تماما)? في (?:امان|مامن)|لن (?:تدخل|تذهب الي|يضعوك في|ياخذوك الي) السجن|"
        r"(?:ال)?مساعده (?:في الطريق|قادمه)(?: \w+)*|يمكن(?:ك)? (?:النوم|المبيت|البقاء) (?:في (?:مركزنا|بيتنا|دارنا|المركز)|عندنا|"
        r"معنا)(?: \w+)*|لا احد س(?:يعرف|يري|يجد|يعلم)\w*(?: \w+)*|(?:ال)?تذكره "
        r"مدفوعه(?: \w+)*|[وف]?لن (?:تعتقل|تطرد|ترحل|يعتقلك|يطردك|يعتقلوك|يطردوك|"
        r"يجدك|يعرف|يراك|تعتقلك|يمسك)\w*(?: \w+){0,2}|"
        r"(?:ال)?(?:سرير|مكان|غرفه|مقعد) (?:محجوز|محجوزه|جاهز|جاهزه|متوفر|متوفره|موجود|فارغ)(?: \w+)*|لا خطر عليك"
    ),
    first=frozenset(
        before + word
        for before in (
            "",
            *(f"{a}{b}{c}" for a in ("", "و", "ف") for b in ("", "ب", "ل", "ك") for c in ("", "ال") if a + b + c),
            "لل",
            "ولل",
            "فلل",
        )
        for word in _AR_FIRST.split()
    ),
)
_TONGUES: Final[Mapping[str, _Tongue]] = {"en": _EN, "fr": _FR, "ar": _AR}
_SURE: Final = whole(r"no more than|not more than|no later than|pas plus de|pas plus tard que|لا اكثر من")
"""A *no* that takes nothing away."""
_DENIED: Final = whole(
    r"nobody can (?:promise|say|know)(?: \w+)*|we cannot|we can not|cannot promise|personne ne peut(?: \w+)*|nous ne pouvons(?: \w+)*|"
    r"لا احد (?:يستطيع|يعرف)(?: \w+)*|لا نستطيع(?: \w+)*|لا يمكن(?: \w+)*"
)


def promised(text: str, bare: str, language: str) -> Iterator[tuple[str, str]]:
    """What is promised: `promised-time` or `promised-help`, and the words. `bare`: the text folded."""
    tongue = _TONGUES.get(language)
    if tongue is None or tongue.first.isdisjoint(bare.split()):
        return
    for clause in clauses(text):
        if not clause.asks and not tongue.first.isdisjoint(clause.words.split()):
            yield from _of(clause, tongue)


def _of(clause: Clause, tongue: _Tongue) -> Iterator[tuple[str, str]]:
    words = _SURE.sub("", clause.words).replace("  ", " ")
    found = tuple(_found(words, tongue))
    if found and not _DENIED.search(words):
        yield from ((rule, clause.said) for rule in found)


def _found(words: str, tongue: _Tongue) -> Iterator[str]:
    if tongue.bare.search(words) and not tongue.soft.search(tongue.bare.sub(" ", words)):
        yield "promised-help"
    elif not tongue.soft.search(words):
        gives = tongue.gives.search(words) is not None
        if tongue.lasts.search(words) or (tongue.when.search(words) and (tongue.event if gives else tongue.comes).search(words)):
            yield "promised-time"
        if gives and tongue.given.search(words):
            yield "promised-help"
