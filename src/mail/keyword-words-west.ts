// The words of the keyword reading in English, German, French, Spanish, Italian, Portuguese and Dutch.
// A language is one row; every list is words parted by `|`, lower case. See keyword-words.ts for what each list means.
import type { KeywordRows } from './keyword-words.ts';

/** The words of the keyword reading in English, German, French, Spanish, Italian, Portuguese and Dutch. */
export const westernRows: KeywordRows = {
  en: {
    resolved:
      'resolved|resolvd|resloved|resovled|reolved|rsolved|reslved|resoved|resolvedd|solved|fixed|works now|working now|works again|working again|it works|close the case|close this case|close my case|close the ticket|close this ticket|close my ticket|close the request|close this request|please close the case|please close this case|please close my case|please close the ticket|please close this ticket|please close it|please close|kindly close the case|kindly close this case|kindly close the ticket|kindly close this ticket|kindly close|that worked|it worked|this worked|can be closed|may be closed|problem gone|no longer an issue|no longer a problem',
    moreTime:
      'more time|moretime|need time|needs time|need a few more days|need a few days|need another day|need another week|need some time',
    noneHelped:
      'none of these helped|none of those helped|none helped|none of them helped|none of these help|none of these have helped|these did not help|these didn’t help|none of the above helped|none of the articles helped',
    thanks:
      'thanks|thanks again|thank you|thank u|thankyou|thx|tnx|ty|cheers|many thanks|much appreciated|appreciated|appreciate it|i appreciate it|great|perfect|excellent|wonderful|awesome|great job|great work|good job|well done|thanks a lot|thanks a million|all the best|have a nice day|have a great day|have a good day|have a nice weekend|have a great weekend|great support|great service|excellent support|excellent service',
    negations:
      'not|no|nope|never|none|neither|nor|cannot|cant|can’t|isn’t|isnt|wasn’t|wasnt|aren’t|hasn’t|hasnt|haven’t|havent|didn’t|didnt|doesn’t|doesnt|don’t|dont|won’t|wouldn’t|unresolved|non-resolved|without|far from|hardly|barely|partially|partly|almost|nearly|but|however|except|although|unless|until|till|if|when|once|still|again|kidding|joking|just kidding',
    questions:
      'is|was|were|are|has|have|had|did|does|do|can|could|will|would|should|shall|may|why|how|what|when|who|where|which',
    fillers:
      'the|this|that|my|our|your|it|its|it’s|that’s|this is|issue|issues|problem|problems|case|ticket|request|incident|question|matter|error|is|are|was|were|has|have|had|been|got|all|everything|now|already|completely|fully|entirely|totally|successfully|yes|yep|yeah|ok|okay|so|and|very|very much|so much|a lot|for|for your help|for your support|for the help|for the support|for your assistance|for the assistance|for your quick response|for your quick reply|for the quick response|for the quick reply|for your time|for everything|for your answer|for the update|for letting me know|from our side|from my side|on our side|on my side|on our end|on my end|we|i|us|me|you|you can|you may|confirm|confirmed|i confirm|i can confirm|we can confirm|happy to say|glad to say|the case|the issue|the problem|team|support|quick|fast|great|good|reply|response|help|fine|indeed|today|yesterday|closed',
    wants: 'please|kindly|need|needs|would like|like|a|an|some|bit|little|can|be|i need|we need|give me|give us',
    leadIns: 'yes|ok|okay|so|and|now|well|then|ja|oui|sí|sim|sì|och|og|und|et|y|e|en|i|a|tak|да|и|ano|evet|ve|ja|joo',
    greetings:
      'hi|hello|hey|dear|good morning|good afternoon|good evening|good day|greetings|hi there|hi all|hi team|hello team|dear team|dear support|dear sir|dear madam',
    closings:
      'regards|best regards|kind regards|warm regards|best|best wishes|sincerely|yours sincerely|yours faithfully|yours truly|cordially|br|kr|rgds|brgds|with kind regards|with best regards|respectfully|cheers|thanks|thank you|many thanks|thanks and regards|thanks & regards|thanks in advance',
  },
  de: {
    resolved:
      'gelöst|geloest|erledigt|behoben|hat sich erledigt|funktioniert wieder|hat funktioniert|funktioniert jetzt|funktioniert nun|läuft wieder|geht wieder|problem gelöst|kann geschlossen werden|können sie schließen|bitte schließen|bitte schließen sie den fall|bitte schließen sie das ticket|sie können den fall schließen|sie können das ticket schließen|den fall schließen|das ticket schließen',
    moreTime: 'mehr zeit|noch zeit|noch etwas zeit|brauche zeit|benötige zeit',
    noneHelped: 'nichts davon hat geholfen|nichts davon half|keiner der artikel hat geholfen|keiner davon hat geholfen',
    thanks:
      'danke|danke schön|dankeschön|danke sehr|vielen dank|besten dank|herzlichen dank|tausend dank|super|prima|perfekt|klasse|schönes wochenende|schönen tag|schönen tag noch',
    negations:
      'nicht|kein|keine|keinen|keiner|nie|niemals|nein|ungelöst|ohne|aber|jedoch|doch|außer|ausser|teilweise|fast|kaum|noch nicht|leider|bevor|bis|falls|wenn|sobald|sofern',
    questions: 'ist|war|hat|sind|haben|wurde|wird|kann|können|warum|wie|wann|was|wer|wo',
    fillers:
      'das|die|der|dies|dieses|diese|mein|unser|unsere|ihr|ihre|es|problem|fehler|fall|ticket|anfrage|vorgang|sache|thema|ist|sind|war|wurde|wurden|hat|haben|sich|jetzt|nun|bereits|inzwischen|mittlerweile|damit|somit|vollständig|komplett|alles|ja|okay|auch|und|für|für ihre hilfe|für die hilfe|für ihre unterstützung|für die unterstützung|für die schnelle hilfe|für die schnelle antwort|für die schnelle unterstützung|sie|ich|wir|den|bei uns|schnelle|hilfe|unterstützung|team',
    wants: 'bitte|brauche|brauchen|benötige|benötigen|etwas|noch etwas|können|bräuchte|ein wenig|ein bisschen',
    greetings:
      'hallo|guten tag|guten morgen|guten abend|sehr geehrte|sehr geehrter|liebe|lieber|moin|servus|grüß gott|sehr geehrte damen und herren|liebes team|hallo zusammen',
    closings:
      'mit freundlichen grüßen|mit freundlichen grüssen|freundliche grüße|freundliche grüsse|viele grüße|viele grüsse|beste grüße|beste grüsse|liebe grüße|schöne grüße|herzliche grüße|mfg|lg|vg|gruß|gruss|grüße|hochachtungsvoll|mit besten grüßen|danke|vielen dank',
  },
  fr: {
    resolved:
      'résolu|résolue|resolu|resolue|réglé|réglée|solutionné|corrigé|corrigée|ça marche|ça fonctionne|fonctionne maintenant|fonctionne à nouveau|peut être clôturé|pouvez clôturer|pouvez fermer|peut être fermé',
    moreTime: 'plus de temps|davantage de temps|besoin de temps|encore du temps|un délai',
    noneHelped: 'aucun n’a aidé|aucun de ces articles n’a aidé|rien n’a aidé|aucun ne m’a aidé',
    thanks:
      'merci|merci beaucoup|mille mercis|un grand merci|merci bien|parfait|super|bonne journée|bon week-end|bonne soirée|excellente journée',
    negations:
      'pas|non|ne|n’est|n’a|jamais|aucun|aucune|toujours pas|mais|sauf|cependant|sans|partiellement|presque|si|quand|lorsque|dès que|avant|jusqu',
    questions: 'est-ce|est-il|a-t-il|est-elle|pourquoi|comment|quand|quel|quelle|qui|où',
    fillers:
      'le|la|les|l’|ce|cet|cette|mon|ma|notre|votre|vos|nos|c’est|c’était|problème|probleme|incident|demande|ticket|dossier|cas|question|erreur|est|a|été|ont|sont|maintenant|désormais|tout|entièrement|complètement|bien|oui|ok|et|pour|pour votre aide|pour votre réponse|pour votre réponse rapide|pour votre assistance|pour l’aide|à vous|vous|je|nous|j’ai|avons|ai|de|aide|support|équipe|toute|l’équipe|l’incident|le dossier|le ticket',
    wants:
      'besoin|besoin de|il|me|nous faut|faut|un peu|s’il vous plaît|svp|j’aurais|fermer|clôturer|aurais|il me faut|il nous faut',
    greetings: 'bonjour|bonsoir|salut|cher|chère|madame|monsieur|madame monsieur|bonjour à tous',
    closings:
      'cordialement|bien cordialement|bien à vous|sincères salutations|salutations|cdt|cdlt|meilleures salutations|amicalement|respectueusement|merci|bonne journée|bonne réception',
  },
  es: {
    resolved:
      'resuelto|resuelta|solucionado|solucionada|arreglado|arreglada|ya funciona|se ha resuelto|se resolvió|se solucionó|ha quedado resuelto|funciona ahora|funciona correctamente|pueden cerrar|puede cerrar|pueden cerrar el caso|puede cerrar el caso',
    moreTime: 'más tiempo|mas tiempo|algo de tiempo|un poco de tiempo',
    noneHelped: 'nada de esto ayudó|ninguno ayudó|ninguno de estos ayudó|nada ayudó',
    thanks:
      'gracias|muchas gracias|mil gracias|muchísimas gracias|perfecto|excelente|genial|buen día|que tenga un buen día|buen fin de semana',
    negations:
      'no|nunca|ninguno|ninguna|tampoco|pero|sin|sin embargo|aún no|todavía|todavía no|excepto|salvo|parcialmente|casi|cuando|si|hasta|mientras|antes',
    questions: 'por qué|cómo|cuándo|qué|quién|dónde|cuál',
    fillers:
      'el|la|lo|los|las|este|esta|esto|mi|nuestro|nuestra|su|problema|caso|incidencia|incidente|ticket|asunto|error|solicitud|consulta|es|está|fue|ha|ha sido|sido|quedó|queda|ya|ahora|todo|completamente|totalmente|sí|ok|vale|y|por|por su ayuda|por la ayuda|por su apoyo|por todo|por la respuesta|por su respuesta|por su pronta respuesta|ustedes|a|equipo|soporte|se|nos|me|ayuda|apoyo|respuesta|rápida',
    wants: 'necesito|necesitamos|un poco|algo|de|por favor',
    greetings:
      'hola|buenos días|buenas tardes|buenas noches|buenas|estimado|estimada|estimados|buen día|querido|querida',
    closings:
      'saludos|un saludo|saludos cordiales|cordialmente|atentamente|atte|cordiales saludos|un cordial saludo|gracias|muchas gracias',
  },
  it: {
    resolved:
      'risolto|risolta|sistemato|sistemata|ora funziona|adesso funziona|funziona ora|funziona di nuovo|potete chiudere|può chiudere|si può chiudere',
    moreTime: 'più tempo|piu tempo|altro tempo|ancora tempo|ancora un po’ di tempo',
    noneHelped: 'nessuno ha aiutato|niente ha aiutato|nessuno di questi ha aiutato',
    thanks:
      'grazie|grazie mille|molte grazie|tante grazie|mille grazie|perfetto|ottimo|buona giornata|buon lavoro|buon weekend',
    negations:
      'non|mai|nessuno|nessuna|niente|ma|però|tuttavia|senza|ancora no|parzialmente|quasi|tranne|eccetto|quando|se|finché|appena|prima',
    questions: 'perché|come|quando|cosa|chi|dove|quale',
    fillers:
      'il|la|lo|l’|i|gli|le|questo|questa|mio|nostro|vostro|problema|caso|ticket|richiesta|errore|è|e’|stato|stata|è stato|ora|adesso|tutto|completamente|sì|ok|e|per|per l’aiuto|per il supporto|per il vostro aiuto|per la risposta|abbiamo|ho|anche|già|tutti|a|vi|aiuto|supporto|assistenza|l’assistenza|dell’aiuto',
    wants: 'bisogno|di|bisogno di|serve|ci|mi|un po’|per favore',
    greetings: 'ciao|salve|buongiorno|buonasera|buon giorno|gentile|gentili|egregio|spettabile|buon pomeriggio',
    closings:
      'cordiali saluti|distinti saluti|saluti|un saluto|cordialmente|in fede|grazie|buona giornata|grazie mille|a presto',
  },
  pt: {
    resolved:
      'resolvido|resolvida|solucionado|solucionada|corrigido|corrigida|já funciona|funciona agora|está funcionando|pode fechar|podem fechar|pode encerrar|podem encerrar',
    moreTime: 'mais tempo|um pouco de tempo|algum tempo',
    noneHelped: 'nada ajudou|nenhum ajudou|nenhum destes ajudou|nenhum deles ajudou',
    thanks:
      'obrigado|obrigada|muito obrigado|muito obrigada|agradeço|agradecido|grato|grata|valeu|perfeito|ótimo|excelente|bom dia|bom fim de semana',
    negations:
      'não|nao|nunca|nenhum|nenhuma|nem|mas|porém|sem|ainda|ainda não|exceto|parcialmente|quase|quando|se|até|caso contrário|antes',
    questions: 'por que|porque|como|quando|quem|onde|qual|será que',
    fillers:
      'o|a|os|as|este|esta|isto|isso|meu|nosso|nossa|seu|problema|caso|chamado|ticket|pedido|erro|questão|incidente|é|está|foi|já|agora|tudo|totalmente|completamente|sim|ok|e|por|pela|pelo|pela ajuda|pelo apoio|pelo suporte|pela resposta|ajuda|apoio|suporte|equipe|equipa|rápida|resposta|o chamado|o caso',
    wants: 'preciso|precisamos|de|um|pouco|por favor',
    greetings: 'olá|ola|oi|bom dia|boa tarde|boa noite|prezado|prezada|prezados|caro|cara',
    closings:
      'atenciosamente|cumprimentos|melhores cumprimentos|com os melhores cumprimentos|att|abraço|abraços|saudações|obrigado|obrigada|cordialmente',
  },
  nl: {
    resolved:
      'opgelost|verholpen|werkt weer|werkt nu|het werkt|kan gesloten worden|mag gesloten worden|kunt u sluiten|mag dicht|kan dicht',
    moreTime: 'meer tijd|nog tijd|wat tijd|extra tijd',
    noneHelped: 'niets hielp|geen van deze hielp|niets daarvan hielp',
    thanks:
      'bedankt|dank|dank u|dank je|dank u wel|dank je wel|dankjewel|dankuwel|hartelijk dank|heel erg bedankt|hartelijk bedankt|top|perfect|geweldig|fijne dag|fijn weekend|prettige dag',
    negations:
      'niet|geen|nee|nooit|niemand|maar|echter|zonder|nog niet|behalve|gedeeltelijk|deels|bijna|als|wanneer|zodra|totdat|tot|voordat|helaas',
    questions: 'is|was|zijn|heeft|hebben|kan|kunt|waarom|hoe|wanneer|wat|wie|waar',
    fillers:
      'het|de|dit|deze|dat|mijn|ons|onze|uw|probleem|storing|melding|zaak|ticket|vraag|fout|is|zijn|was|werd|inmiddels|nu|al|alles|volledig|helemaal|ja|ok|oké|en|voor|voor de hulp|voor uw hulp|voor je hulp|voor de snelle hulp|voor de snelle reactie|voor uw reactie|ik|wij|we|heb|hebben|hulp|team|snelle|reactie|er',
    wants: 'nodig|nog|wat|graag|alstublieft|aub',
    greetings: 'hallo|hoi|goedemorgen|goedemiddag|goedenavond|goedendag|beste|geachte|dag',
    closings:
      'met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|groet|groeten|mvg|hoogachtend|groetjes|bedankt|alvast bedankt',
  },
};
