"""The texts of the tokenizers: the sample of debtags, and lines in many scripts."""

import json
import os

import tokenizer as wordpiece

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "configs", "debtags", "sample", "train.jsonl")

# Words in twenty scripts and more, in no order: no sentences.
SCRIPTS = [
    "rights. and dignity in equal and free born are beings human All",
    "€. 234,50 1 L'été, ? pas n'est-ce — égaux et libres naissent humains êtres les Tous",
    "ẞ. Straße, STRASSE, geboren; Rechten und Würde an gleich und frei sind Menschen Alle",
    "quyền. và phẩm nhân về đẳng bình và do tự được đều ra sinh người mọi cả Tất",
    "ılık. IŞIK İstanbul'da Türkçe: równi. i wolni się rodzą ludzie Wszyscy",
    "Љубав. Їжак, Ёжик, равными. и свободными рождаются люди Все",
    "ΐ. ᾷ ὈΔΥΣΣΕΎΣ ΑΣ ίσοι. και ελεύθεροι γεννιούνται άνθρωποι οι Όλοι",
    "ﬓ և հավասար։ ու ազատ են ծնվում մարդիկ Բոլոր", "ᲗᲐᲕᲘ თავისუფალი. იბადება ადამიანი ყველა",
    "״ציטוט״ עֲלֵיכֶם שָׁלוֹם ושווים. חורין בני נולדו האדם בני כל",
    "لا ۴۵۶ ١٢٣ ﷺ والحقوق. الكرامة في متساوين أحرارًا الناس جميع يولد",
    "می‌خواهم ہیں۔ ہوئے پیدا آزاد انسان تمام", "ܚܐܪܐ ܒܪܝܠܗ ܒܪܢܫܐ ܟܠ", "އުފަންވަނީ އިންސާނުން ހުރިހާ",
    "फ़ ज़ क्षत्रिय स्वतन्त्रता। जन्मजात में मामले के अधिकारों और गौरव को मनुष्यों सभी",
    "য় ঢ় ড় করে। জন্মগ্রহণ নিয়ে মর্যাদা সমান স্বাধীনভাবে মানুষ সমস্ত", "ਹਨ। ਲੈਂਦੇ ਜਨਮ ਆਜ਼ਾਦ ਮਨੁੱਖ ਸਾਰੇ",
    "સ્વતંત્ર. જન્મથી માનવો સર્વ દૃષ્ટિએ અધિકારોની અને પ્રતિષ્ઠા", "ସ୍ୱାଧୀନ। ଜନ୍ମକାଳରୁ ମନୁଷ୍ୟ ସବୁ",
    "ஸ்ரீ பிறக்கின்றனர். சுதந்திரமாகவே சகலரும் பிறவியினர் மனிதப்", "మానవులెల్లరును. విషయమున ప్రతిపత్తిస్వత్వముల",
    "ಜನಿಸಿದ್ದಾರೆ. ಸ್ವತಂತ್ರರಾಗಿಯೇ ಮಾನವರೂ ಎಲ್ಲಾ", "ൻ ൺ കൂടി. തുല്യാവകാശങ്ങളോടും മനുഷ്യരെല്ലാവരും", "ඇත. ලබා උපත නිදහස්ව මනුෂ්‍යයෝ සියලු",
    "น้ำ กำลัง คกันเสมอภาสระและมามีอิายเกิดทั้งหลมนุษย์", "ມີສິດເສລີພາບມະນຸດເກີດມາ ນ້ຳ", "སྐྱེས་ཙམ་ཉིད་ནས།མི་རིགས་ཡོངས་ལ་",
    "ဂုဏ်သိက္ခာဖြင့် လွတ်လပ်သော တူညီ လူတိုင်းသည်", "ើតមកមានសេរីភាពមនុស្សទាំងអស់ក", "ነው። እኩል ነጻና ሲወለድ ሁሉ ልጅ የሰው",
    "ꮒꭶꮣ ᏂᎨᎫᏓᎸᎾ ᎠᏂᏴᏫ ᏂᎦᏓ", "ᐃᓄᓕᒫᑦ ᕆᔪᓕᒫᑦᐊᓂᖅᑎ", "ᠲᠥᠷᠥᠵᠦ ᠪᠦᠷ ᠬᠦᠮᠦᠨ",
    "权利严和在尊由，而自人生。人理性赋有他们等。律平上一", "和權尊嚴，在自由生而人人４年０２。２平等一律利上",
    "平等である。 パ\u309a ﾞつ、ｶり、か由であして自がらにまれなは、生の人間すべて", "한글 평등하다. 자유로우며 때부터 태어날 인간은 모든",
    "ⵉⵎⴷⴰⵏⵏ ⴰⴽⴽⵯ ⵜⵜⵍⴰⵍⵏ ⴷ", "𐌰𐌻𐌻𐌰𐌹 𐌼𐌰𐌽𐌽𐌰 𐐀𐐨 𞤀𞤢 𒀀𒀁 𓀀𓁐", "👩‍👩‍👧 🇫🇷🇩🇪 👍🏽 ❤️ ☺️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "  two  spaces\tand\u00a0no-break\u3000ideographic\u2003em \r\n line\r\rcarriage\n\nfeeds   ",
    "I'll don't WE'VE they'RE it's I'd 'tis 'S 'ſ x'ſ K'K 12345 1,234.5 ½ ² ③ Ⅷ ٣ 3rd",
    "def f(x):\n\treturn x ** 2  # comment\n\n\nclass A: pass   \n",
    "https://www.example.org/a?b=c&d=e#f foo@bar.example C++ C# .NET $HOME ~/x", "``quoted'' ''text``",
    "▁ ▁▁word▁ ▁ x▁y", "<0x41><0xE2> <s> </s> <unk> <mask> <pad> [MASK] x[MASK] y [CLS] [SEP] [UNK]",
    "  <mask>  x <mask>y a<mask> [MASK]  . <ent> <ent>x Ab ab AB sw swx x-sw-y <r> \u3000 z <l>",
    "<|endoftext|> <|padding|><extra_id_0> <extra_id_1>",
]


def documents():
    with open(SAMPLE, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def texts():
    return SCRIPTS + wordpiece.texts()


def corpus(size):
    """What tokenizers are trained on: packages' descriptions, the scripts more than once."""
    return documents()[:size] + SCRIPTS * 4
