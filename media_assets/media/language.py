"""Language names as tables write them: BCP 47, shortest form."""

import re

# ISO 639-1 code and the ISO 639-2 codes that mean it (both the terminological and the
# bibliographic one where they differ), from the registry of the Library of Congress.
_ISO_639 = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak
be:bel bg:bul bi:bis bm:bam bn:ben bo:bod bo:tib br:bre bs:bos ca:cat ce:che ch:cha co:cos
cr:cre cs:ces cs:cze cu:chu cv:chv cy:cym cy:wel da:dan de:deu de:ger dv:div dz:dzo ee:ewe
el:ell el:gre en:eng eo:epo es:spa et:est eu:baq eu:eus fa:fas fa:per ff:ful fi:fin fj:fij
fo:fao fr:fra fr:fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin
ho:hmo hr:hrv ht:hat hu:hun hy:arm hy:hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk
io:ido is:ice is:isl it:ita iu:iku ja:jpn jv:jav ka:geo ka:kat kg:kon ki:kik kj:kua kk:kaz
kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug
li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mao mi:mri mk:mac mk:mkd ml:mal
mn:mon mr:mar ms:may ms:msa mt:mlt my:bur my:mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:dut
nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli
pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ro:rum ru:rus rw:kin sa:san sc:srd sd:snd
se:sme sg:sag si:sin sk:slk sk:slo sl:slv sm:smo sn:sna so:som sq:alb sq:sqi sr:srp ss:ssw
st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton
tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln
wo:wol xh:xho yi:yid yo:yor za:zha zh:chi zh:zho zu:zul
"""
_TWO_LETTER = {three: two for two, three in (pair.split(":") for pair in _ISO_639.split())}
_KNOWN = frozenset(_TWO_LETTER.values())
# A language, then at most a script and a region.
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def language_tag(name: str | None) -> str | None:
    """The BCP 47 tag for a language code of a container or a file name; None if it is none.

    Undetermined, multiple and no language (`und`, `mul`, `mis`, `zxx`) are None too, and so is a
    three-letter code that has no two-letter form: file names hold many a three-letter word.

    >>> [language_tag(name) for name in ("eng", "GER", "pt_br", "zh-hant", "und", "forced")]
    ['en', 'de', 'pt-BR', 'zh-Hant', None, None]
    """
    match = _TAG.fullmatch((name or "").strip().replace("_", "-"))
    if not match:
        return None
    language, script, region = match[1].lower(), match[2], match[3]
    language = _TWO_LETTER.get(language, language)
    if language not in _KNOWN:
        return None
    return "-".join(filter(None, (language, script and script.title(), region and region.upper())))


def same_language(one: str | None, other: str | None) -> bool:
    """Whether two tags name one language, whatever their script and region; never for None."""
    return bool(one and other) and str(one).split("-")[0] == str(other).split("-")[0]
