#!/usr/bin/env python3
"""Makes dictionary-v1.b64 anew: what the text of a fleet's segments tends to consist of.

usage: train.py > dictionary-v1.b64

The words below are what eSIM profiles are made of: names of countries and of plans, hosts of servers that
hand out profiles, names of access points, operators and cities, the states of a profile. Samples are drawn from them by a seeded
generator, and libzstd turns words and samples into a dictionary (ZDICT_finalizeDictionary): the words as
they are, the likeliest last, and tables of how often symbols occur in the samples. Nothing else is put in.
"""
import base64, ctypes, ctypes.util, random

BYTES_MAX = 8 * 1024
LEVEL = 3

COUNTRIES = """Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas|
Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|
Brunei|Bulgaria|Burkina Faso|Cambodia|Cameroon|Canada|Cape Verde|Chad|Chile|China|Colombia|Congo|Costa Rica|
Croatia|Cuba|Cyprus|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|Estonia|
Eswatini|Ethiopia|Fiji|Finland|France|Gabon|Gambia|Georgia|Germany|Ghana|Greece|Grenada|Guatemala|Guinea|
Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Ivory Coast|
Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|
Liechtenstein|Lithuania|Luxembourg|Macau|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Mauritania|Mauritius|
Mexico|Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|
Nicaragua|Niger|Nigeria|North Macedonia|Norway|Oman|Pakistan|Panama|Papua New Guinea|Paraguay|Peru|Philippines|
Poland|Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Samoa|San Marino|Saudi Arabia|Senegal|Serbia|
Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|South Africa|South Korea|Spain|Sri Lanka|Sudan|Suriname|
Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|Trinidad and Tobago|Tunisia|Turkey|
Turkmenistan|Uganda|Ukraine|United Arab Emirates|United Kingdom|United States|Uruguay|Uzbekistan|Vatican|
Venezuela|Vietnam|Yemen|Zambia|Zimbabwe"""
REGIONS = """Africa|Americas|Asia|Balkans|Baltics|Caribbean|Central Asia|Eurolink|Europe|Global|Latin America|
Middle East|Nordics|North America|Oceania|Scandinavia|South America|Southeast Asia|UAE|UK|USA|World|EU"""
SERVERS = """1.esim.example|consumer.e-sim.global|consumer.rsp.world|cust-001-v4-prod-atl2.gdsb.net|
dp-plus-par07-01.oasis-smartsim.com|ecprsp.eastcompeace.com|esim.wo.com.cn|lpa.ds.gsma.com|lpa.live.esimdiscovery.com|
millicomelsalvador.validspereachdpplus.com|prod.smdp-plus.rsp.goog|prod.smdp.rsp.goog|rsp-0002.oberthur.net|
rsp-eu.simlessly.com|rsp-3104.idemia.io|rsp.truphone.com|rsp.demo.net|sm-v4-004-a-gtm.pr.go-esim.com|
sm-v4-064-a-gtm.pr.go-esim.com|smdp-plus-0.eu.cd.rsp.kigen.com|smdp.io|smdp.plus|sm-dp.plus|smdpplus.com|
t-mobile.idemia.io|trl.prod.ondemandconnectivity.com|wbg.prod.ondemandconnectivity.com|
vodafone-de.gdsb.net|orange.fr|telefonica.com|.prod.|.example.com|.esim.net|.mobile.com|https://"""
ACCESS_POINTS = """airtelgprs.com|arkessa.net|bicsapn|bluevia.movistar.es|broadband.tr|claro.com.ar|cmnet|
data.apn|data.lycamobile.com|drei.at|e-connect|e-ideas|everywhere|fast.t-mobile.com|free|globaldata|gprs.swisscom.ch|
h2g2|hologram|ibox.tim.it|imsi|internet.itelcel.com|internet.mts|internet.proximus.be|internet.telekom|
internet.vodafone|internet.wind|iot.1nce.net|iot.tele2|jionet|live.vodafone.com|m2m.telenor|mobile.vodafone.it|
mobiledata|mobileinternet|mworld.be|n.ispsn|net.hotm|nxtgenphone|online.telia.se|orange.fr|plus|
pinternet.interkom.de|portalnmms|pp.vodafone.co.uk|public4.m2minternet.com|roam.world|sl2sfr|soracom.io|
spmode.ne.jp|super|telefonica.es|tele2.com|tmobile|truphone.com|uinternet|umts|vzwinternet|wap.cingular|wap|
web.omnitel.it|web.vodafone.de|wholesale|web|data|mobile|internet"""
OPERATORS = """A1|AIS|Airtel|Amena|AT&T|Bell|Beeline|Bouygues Telecom|BT|CelcomDigi|Claro|Congstar|Cosmote|CSL|
Cellcom|Digicel|DiGi|Drei|du|EE|Elisa|Entel|Etisalat|Free Mobile|Fido|Globe|giffgaff|Iliad|Jio|KDDI|Kyivstar|
KPN|KT|LG U+|Lycamobile|Maxis|MegaFon|Mobily|Movistar|MTN|MTS|Meteor|NOS|NTT DOCOMO|O2|Odido|Ooredoo|Optus|Orange|
Partner|Pelephone|Play|Plus|Proximus|Rakuten Mobile|Rogers|Safaricom|Salt|Singtel|SK Telecom|SMART|SoftBank|
SFR|StarHub|stc|Sunrise|Swisscom|T-Mobile|Tele2|Telcel|Telefonica|Telenet|Telenor|Telia|Telekom|Telstra|Telus|
Three|TIM|TIGO|TrueMove|Turkcell|Turk Telekom|Tune Talk|U Mobile|Ubigi|Verizon|Viettel|Vinaphone|Virgin|
Vivo|Vodacom|Vodafone|WINDTRE|Yesss|Yettel|Yoigo|Zain"""
CITIES = """Amsterdam|Athens|Bangkok|Barcelona|Basel|Beijing|Berlin|Bogota|Boston|Brussels|Budapest|Buenos Aires|
Cairo|Cape Town|Chicago|Copenhagen|Dubai|Dublin|Frankfurt|Geneva|Hamburg|Helsinki|Istanbul|Johannesburg|Kyiv|
Lisbon|London|Los Angeles|Lyon|Madrid|Melbourne|Miami|Milan|Montreal|Moscow|Mumbai|Munich|Nairobi|New York|
Osaka|Oslo|Paris|Porto|Prague|Rome|San Francisco|Santiago|Sao Paulo|Seoul|Shanghai|Stockholm|Sydney|Tallinn|
Tokyo|Toronto|Vancouver|Venice|Vienna|Warsaw|Washington|Zurich"""
NAMES_OF_HOSTS = """.com|.net|.org|.io|.co.uk|.de|.fr|.it|.es|.ch|.at|.nl|.jp|.world|.global|.mobi|www.|api.|rsp.|
smdp.|smds.|lpa.|dp-plus-|sm-v4-0|prod.|prod-|.prod.|cust-00|-gtm.pr.|roaming.|data.|mobile.|internet.|web.|wap.|
gprs.|iot.|m2m.|apn.|fast.|net.|mms.|.gprs|.mnc001.mcc|.iot|.m2m|things|connect|travel|trip|roam|global|sim|esim|
e-sim|telecom|wireless|cellular|broadband|transit|citrus|corporate|staff|family|kids|guest|home|car|camera"""
STATES = ["error", "expired", "unavailable", "released", "confirmed", "linked", "deleted", "available", "downloaded",
          "installed", "disabled", "enabled"]
SIZES = ["500MB", "1GB", "2GB", "3GB", "5GB", "10GB", "20GB", "30GB", "50GB", "100GB", "Unlimited"]
DAYS = ["1d", "3d", "5d", "7d", "10d", "15d", "30d", "60d", "90d", "180d", "365d"]
OTHER = ["provisioning", "operational", "activation", "LPA:1$", "roaming", "prepaid", "postpaid", "business", "private",
         "travel", "phone", "laptop", "tablet", "watch", " eSIM", "true", "false"]


def words(text):
    return [word for word in text.replace("\n", "").split("|") if word]


def plans(random):
    return f" {random.choice(SIZES)} {random.choice(DAYS)}"


def content():
    """All words, the likeliest at the end: nearer is cheaper."""
    sizes = [f" {size} {day}" for size in SIZES[1:10] for day in ("7d", "15d", "30d", "90d")]
    parts = (OTHER + words(OPERATORS) + words(CITIES) + words(NAMES_OF_HOSTS) + words(ACCESS_POINTS)
             + words(SERVERS) + words(COUNTRIES) + words(REGIONS) + sizes + STATES)
    return "".join(parts).encode()


def sample(random):
    """The text of one segment: the ends of rows, then field by field."""
    count = random.randrange(2, 40)
    kinds = [
        lambda: random.choice(words(COUNTRIES) + 3 * words(REGIONS)) + plans(random),
        lambda: random.choice(words(SERVERS)),
        lambda: random.choice(STATES),
        lambda: random.choice(words(ACCESS_POINTS)),
        lambda: f"{random.randrange(202, 750)}-{random.randrange(1, 30):02}",
    ]
    rows = "".join(str(random.randrange(10)) * random.randrange(1, 3) for _ in range(count))
    return (rows + "".join("".join(kind() for _ in range(count // 6 + 1)) for kind in kinds)).encode()


class Parameters(ctypes.Structure):
    _fields_ = [("compressionLevel", ctypes.c_int), ("notificationLevel", ctypes.c_uint), ("dictID", ctypes.c_uint)]


def main():
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    generator = random.Random(1)
    samples = [sample(generator) for _ in range(2000)]
    sizes = (ctypes.c_size_t * len(samples))(*map(len, samples))
    words_, out = content(), ctypes.create_string_buffer(BYTES_MAX)
    finalize = zstd.ZDICT_finalizeDictionary
    finalize.restype = ctypes.c_size_t
    made = finalize(
        out, ctypes.c_size_t(BYTES_MAX), words_, ctypes.c_size_t(len(words_)), b"".join(samples), sizes,
        ctypes.c_uint(len(samples)), Parameters(LEVEL, 0, 1))
    if zstd.ZDICT_isError(ctypes.c_size_t(made)):
        raise SystemExit("libzstd could not make the dictionary")
    text = base64.b64encode(out.raw[:made]).decode()
    for start in range(0, len(text), 96):
        print(text[start:start + 96])


main()
