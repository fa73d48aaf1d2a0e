// The words of the keyword reading in Polish, Swedish, Danish, Norwegian, Finnish, Czech, Turkish, Russian, Chinese and Japanese.
// A language is one row; every list is words parted by `|`, lower case. See keyword-words.ts for what each list means.
import type { KeywordRows } from './keyword-words.ts';

/** The words of the keyword reading in Polish, Swedish, Danish, Norwegian, Finnish, Czech, Turkish, Russian, Chinese and Japanese. */
export const easternRows: KeywordRows = {
  pl: {
    resolved:
      'rozwiązane|rozwiązany|rozwiązano|rozwiazane|naprawione|naprawiono|działa już|już działa|teraz działa|problem rozwiązany|można zamknąć|proszę zamknąć|proszę zamknąć zgłoszenie',
    moreTime: 'więcej czasu|wiecej czasu|trochę czasu|jeszcze czasu',
    noneHelped: 'nic nie pomogło|żaden nie pomógł|nic z tego nie pomogło',
    thanks:
      'dzięki|dziękuję|dziekuje|dziękujemy|dziękuję bardzo|bardzo dziękuję|wielkie dzięki|super|świetnie|doskonale|miłego dnia',
    negations:
      'nie|nigdy|żaden|ale|jednak|bez|jeszcze nie|częściowo|prawie|oprócz|jeśli|jeżeli|gdy|kiedy|dopóki|zanim|niestety',
    questions: 'czy|dlaczego|jak|kiedy|co|kto|gdzie',
    fillers:
      'problem|sprawa|zgłoszenie|błąd|kwestia|to|ten|ta|mój|nasz|jest|został|została|zostało|było|już|teraz|wszystko|całkowicie|tak|ok|i|za|za pomoc|za szybką pomoc|za wsparcie|za odpowiedź|za szybką odpowiedź|bardzo|pomoc|wsparcie|szybką|odpowiedź',
    wants: 'potrzebuję|potrzebujemy|proszę|o|jeszcze',
    greetings: 'cześć|dzień dobry|dobry wieczór|witam|witaj|szanowni państwo|szanowny|szanowna|hej',
    closings: 'pozdrawiam|z poważaniem|pozdrowienia|serdecznie pozdrawiam|z wyrazami szacunku|dziękuję|pozdr',
  },
  sv: {
    resolvedAlone: 'löst',
    resolved:
      'är löst|är nu löst|problemet löst|ärendet löst|problem löst|har löst sig|är nu åtgärdat|åtgärdat|åtgärdad|fixat|löste sig|fungerar nu|fungerar igen|funkar nu|funkar igen|kan stängas|kan stänga ärendet|ni kan stänga|stäng ärendet',
    moreTime: 'mer tid|lite tid|lite mer tid',
    noneHelped: 'inget av detta hjälpte|ingen av dem hjälpte|inget hjälpte',
    thanks:
      'tack|tack så mycket|tackar|stort tack|många tack|tusen tack|perfekt|toppen|bra jobbat|trevlig helg|ha en bra dag',
    negations:
      'inte|ej|nej|ingen|inget|inga|aldrig|men|dock|utan|olöst|delvis|nästan|förutom|om|när|tills|innan|tyvärr',
    questions: 'är|har|var|kan|varför|hur|när|vad|vem',
    fillers:
      'det|den|detta|mitt|vårt|problemet|problem|ärendet|ärende|felet|frågan|saken|är|har|blev|blivit|nu|redan|allt|helt|ja|ok|och|för|för hjälpen|för er hjälp|för snabb hjälp|för snabbt svar|för svaret|jag|vi|hjälpen|hjälp|svar|snabbt|er|tack för',
    wants: 'behöver|lite|gärna',
    greetings: 'hej|hejsan|god morgon|god dag|god kväll|tjena|bästa',
    closings:
      'mvh|med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar|hälsningar|vänligen|hälsning|bästa hälsningar|tack',
  },
  da: {
    resolved:
      'løst|loest|rettet|ordnet|virker nu|virker igen|fungerer nu|fungerer igen|kan lukkes|i kan lukke sagen|luk sagen|løyst|fikset|ordnet seg|virker nå|fungerer nå|kan lukke saken',
    moreTime: 'mere tid|mer tid|lidt tid|litt mer tid|lidt mere tid|litt tid',
    noneHelped: 'intet af dette hjalp|ingen af dem hjalp|ingen av disse hjalp|ingenting hjalp',
    thanks:
      'tak|mange tak|tusind tak|tak for hjælpen|takk|tusen takk|mange takk|takk for hjelpen|perfekt|super|god dag|god weekend|ha en fin dag',
    negations:
      'ikke|ej|nej|nei|ingen|intet|ingenting|aldrig|aldri|men|dog|uden|uten|uløst|delvist|delvis|næsten|nesten|undtagen|hvis|når|indtil|inntil|før|desværre|dessverre',
    questions: 'er|har|var|kan|hvorfor|hvordan|hvornår|hva|hvad|hvem|hvor',
    fillers:
      'det|den|dette|mit|vores|problemet|problem|sagen|sag|fejlen|saken|feilen|er|har|blev|ble|blevet|blitt|nu|nå|allerede|alt|helt|ja|ok|og|for|for hjælpen|for hjelpen|for hurtig hjælp|for hurtigt svar|for svaret|jeg|vi|hjælpen|hjelpen|svar|hurtigt|jeres',
    wants: 'brug|brug for|bruk|bruk for|har brug for|trenger|lidt|litt|gerne|venligst',
    greetings: 'hej|hei|goddag|godmorgen|god morgen|kære|kjære|god aften',
    closings:
      'mvh|med venlig hilsen|venlig hilsen|med vennlig hilsen|vennlig hilsen|hilsen|bedste hilsner|de bedste hilsner|vh|hilsner|tak|takk',
  },
  fi: {
    resolved:
      'ratkaistu|ratkesi|ratkennut|korjattu|korjaantui|korjaantunut|toimii nyt|toimii taas|nyt toimii|kunnossa|voi sulkea|voitte sulkea|tapauksen voi sulkea',
    moreTime: 'lisää aikaa|lisäaikaa|enemmän aikaa',
    noneHelped: 'mikään ei auttanut|mikään näistä ei auttanut',
    thanks:
      'kiitos|kiitti|kiitoksia|paljon kiitoksia|kiitos paljon|suuri kiitos|kiitos avusta|loistavaa|mahtavaa|hienoa|hyvää päivänjatkoa|hyvää viikonloppua',
    negations:
      'ei|emme|eivät|ole|ei ole|eikä|mutta|vaan|ilman|osittain|melkein|lähes|paitsi|jos|kun|kunnes|ennen|vielä|valitettavasti',
    questions: 'onko|oliko|miksi|miten|milloin|mitä|kuka|missä|voiko',
    fillers:
      'se on|ongelma|asia|vika|tapaus|tiketti|virhe|se|tämä|on|oli|nyt|jo|kaikki|täysin|kokonaan|kyllä|joo|ok|ja|avusta|nopeasta|vastauksesta|tuesta|avustanne',
    wants: 'tarvitsen|tarvitsemme|hieman|vähän',
    greetings: 'hei|moi|terve|hyvää päivää|huomenta|hyvää huomenta|hyvää iltaa|arvoisa',
    closings:
      'terveisin|ystävällisin terveisin|parhain terveisin|yst\u00e4v\u00e4llisesti|t|yt|kunnioittavasti|kiitos|kiittäen|terveiset',
  },
  cs: {
    resolved:
      'vyřešeno|vyreseno|vyřešen|vyřešena|vyřešené|opraveno|opraven|už funguje|již funguje|funguje to|můžete uzavřít|lze uzavřít|vyriešené|vyriešený',
    moreTime: 'více času|vice casu|víc času|viac času|ještě čas',
    noneHelped: 'nic z toho nepomohlo|nic nepomohlo|žádný nepomohl',
    thanks:
      'děkuji|dekuji|děkuju|díky|diky|děkujeme|mockrát děkuji|moc děkuji|děkuji mnohokrát|ďakujem|skvělé|výborně|super|hezký den|pěkný den',
    negations:
      'ne|není|neni|nie|nebyl|nebylo|nebyla|nevyřešeno|nikdy|žádný|ale|avšak|bez|zatím|částečně|téměř|skoro|kromě|pokud|když|až|dokud|bohužel|ještě|nefunguje',
    questions: 'je|byl|bylo|proč|jak|kdy|co|kdo|kde|zda',
    fillers:
      'problém|problem|případ|tiket|požadavek|chyba|to|ten|můj|náš|je|byl|byla|bylo|už|již|nyní|teď|vše|všechno|zcela|úplně|ano|ok|a|za|za pomoc|za rychlou pomoc|za podporu|za odpověď|za rychlou odpověď|moc|velmi|pomoc|rychlou|odpověď|podporu',
    wants: 'potřebuji|potřebujeme|prosím',
    greetings: 'dobrý den|ahoj|dobré ráno|dobrý večer|vážený|vážená|vážení|zdravím',
    closings: 's pozdravem|s přátelským pozdravem|zdravím|s úctou|pozdravem|hezký den|děkuji|s pozdravom',
  },
  tr: {
    resolved:
      'çözüldü|cozuldu|çözülmüştür|giderildi|düzeldi|düzeltildi|çalışıyor artık|artık çalışıyor|şimdi çalışıyor|kapatabilirsiniz|kapatılabilir',
    moreTime: 'daha fazla zaman|daha fazla süre|biraz zaman|ek süre|zamana ihtiyacım var|süreye ihtiyacım var',
    noneHelped: 'hiçbiri yardımcı olmadı|hiçbiri işe yaramadı',
    thanks:
      'teşekkürler|teşekkür ederim|teşekkür ederiz|çok teşekkürler|çok teşekkür ederim|sağ olun|sağolun|sağ ol|harika|mükemmel|iyi günler|iyi çalışmalar|kolay gelsin',
    negations:
      'değil|yok|hayır|çözülmedi|çalışmıyor|ama|fakat|ancak|henüz|hâlâ|hala|kısmen|neredeyse|eğer|hariç|olmadı|ne zaman',
    questions: 'neden|nasıl|ne|kim|nerede|mı|mi|mu|mü',
    fillers:
      'sorun|sorunum|sorunumuz|problem|konu|talep|hata|bu|benim|bizim|şimdi|artık|tamamen|evet|tamam|ok|ve|için|yardımınız|yardımınız için|desteğiniz için|destek|yardım|ilginiz için',
    wants: 'ihtiyacım|ihtiyacımız|var|biraz|lütfen',
    greetings: 'merhaba|merhabalar|selam|iyi günler|günaydın|sayın|iyi akşamlar',
    closings: 'saygılarımla|saygılarımızla|iyi çalışmalar|iyi günler|selamlar|sevgiler|teşekkürler|kolay gelsin',
  },
  ru: {
    resolved:
      'решено|решен|решён|решена|исправлено|исправлен|исправлена|устранено|устранена|проблема решена|вопрос решен|вопрос решён|заработало|всё работает|все работает|теперь работает|уже работает|можно закрыть|можете закрыть|закройте заявку|вирішено',
    moreTime: 'больше времени|ещё время|еще время|ещё времени|еще времени|нужно время|требуется время',
    noneHelped: 'ничего не помогло|ничто не помогло|ни одна не помогла',
    thanks:
      'спасибо|большое спасибо|благодарю|благодарим|спс|спасибо большое|огромное спасибо|отлично|супер|хорошего дня|дякую|всего доброго',
    negations:
      'не|нет|никогда|ни|но|однако|без|пока|частично|почти|кроме|если|когда|как только|до|ещё не|еще не|снова|опять|к сожалению',
    questions: 'почему|как|когда|что|кто|где|ли|разве',
    fillers:
      'проблема|вопрос|ошибка|заявка|обращение|это|моя|мой|наша|наш|была|был|было|уже|теперь|сейчас|всё|все|полностью|да|ок|и|за|за помощь|за быструю помощь|за поддержку|за ответ|за быстрый ответ|вам|очень|помощь|поддержку|ответ|быстрый|заявку',
    wants: 'мне|нам|нужно|требуется|необходимо|пожалуйста',
    greetings: 'здравствуйте|добрый день|доброе утро|добрый вечер|привет|уважаемый|уважаемая|уважаемые',
    closings: 'с уважением|с наилучшими пожеланиями|всего доброго|спасибо|заранее спасибо|хорошего дня',
  },
  zh: {
    resolved:
      '已解决|已解決|解决了|解決了|问题已解决|問題已解決|已经解决|已經解決|已修复|已修復|可以关闭|可以關閉|恢复正常|恢復正常',
    moreTime: '更多时间|更多時間|需要时间|需要時間|多一些时间|多一點時間',
    noneHelped: '都没有帮助|都沒有幫助|没有帮助|沒有幫助',
    thanks: '谢谢|謝謝|多谢|多謝|感谢|感謝|非常感谢|非常感謝|谢谢您|謝謝您|谢谢你|辛苦了',
    negations: '没|沒|未|不|还|還|但|可是|仍|非|无法|無法|如果|部分|几乎|除了|等|才',
    questions: '吗|嗎|为什么|為什麼|怎么|怎麼|什么|什麼|是否|何时|何時',
    fillers:
      '问题|問題|案件|工单|此|这个|這個|该|該|我们|我們|我|的|现在|現在|已|已经|已經|完全|全部|都|是|了|好|好的|您|你|您的|帮助|幫助|支持|案例|故障',
    wants: '请|請|需要|一些|一点|一點',
    greetings: '您好|你好|早上好|下午好|晚上好|尊敬的',
    closings: '此致|敬礼|敬禮|祝好|顺祝商祺|順祝商祺|谢谢|謝謝',
  },
  ja: {
    resolved:
      '解決しました|解決いたしました|解決済み|解決済|解決です|解決致しました|直りました|修正されました|解決|解消しました|解消されました|クローズしてください|クローズで結構です|クローズしていただいて構いません',
    moreTime: 'もう少し時間|時間をください|もっと時間|時間が必要|お時間をください',
    noneHelped: 'どれも役に立ちません|どれも解決しません',
    thanks:
      'ありがとうございます|ありがとうございました|有難うございます|有難うございました|ありがとう|感謝します|感謝いたします|お世話になりました|助かりました',
    negations: 'ない|ません|ず|未|が、|けど|しかし|ただし|まだ|一部|ほぼ|もし|たら|れば|まで|でも',
    questions: 'か|なぜ|どう|いつ|何|誰|どこ',
    fillers:
      '問題|件|この|本件|こちら|無事|完全に|すべて|全て|は|が|の|で|に|も|はい|おかげさまで|お陰様で|ご対応|ご支援|迅速な|です|誠に|どうも|大変',
    wants: 'いただき|お願いします|必要|を',
    greetings: 'こんにちは|お世話になっております|お世話になります|おはようございます|お疲れ様です',
    closings: '以上|よろしくお願いします|よろしくお願いいたします|宜しくお願い致します|敬具|宜しくお願いします',
  },
};
