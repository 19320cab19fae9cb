"""Usual words of trade whose letters go beyond ASCII, by language: in them it shows which code page a file is written in.

Words, not tables of frequencies, so that whoever knows a language can read and add to them. Only letters and their neighbours are used.
"""

from __future__ import annotations

SPELLINGS = {
    "German": "größe stück menge für preis verkäufe süß käse müsli brötchen öl gemüse früchte hähnchen würstchen weiß weißwein "
    "grün schwäbisch frühstück nüsse erdnüsse möhren äpfel rührei säure straße gefäß müller jäger österreich münchen köln zürich "
    "tüte küche hülsenfrüchte röstzwiebeln gewürz kräuter körner dürüm fuß maß spaß schließen läden märz jänner für über geräte "
    "tücher spülmittel flüssig möbel stühle übrig einkäufe artikelgröße verfügbar gültig zubehör löffel schüssel bügel kühlschrank",
    "French": "référence quantité libellé désignation prix unité été pâtes crème fraîche thé café légumes pêche pâté forêt bœuf "
    "œufs sœur gâteau château déjeuner sucré salé sucrée salée fromage râpé chèvre brûlée forêt maïs noël français française "
    "garçon leçon reçu reçus août février décembre numéro région à où très près après première dernière modèle matière lumière "
    "bière crémerie épicerie épices élément émincé entrée marché santé beauté bébé téléphone vêtements tête fenêtre hôtel côte "
    "goût août sûr mûr naïf héroïne rosé apéritif désodorisant étagère étiquette évier équipement mètre pièce sèche régulière",
    "Spanish": "código descripción cantidad año niño niña piña español españa señora pequeño jamón limón melón jabón atún azúcar "
    "café té pan champú plátano almacén país región artículo teléfono número código útil última próximo mañana otoño caña leña "
    "montaña castaña baño paño pañal pañuelo ración camión salmón turrón algodón sazón champiñón edición fracción categoría "
    "librería papelería energía batería día también después inglés francés cortés líquido sólido máquina lámpara cámara árbol "
    "jalapeño ¿qué años cigüeña pingüino",
    "Portuguese": "código descrição quantidade preço preços pão pães maçã maçãs limão feijão açúcar café água não são coração "
    "promoção região estação loção sabão leão avelã romã manhã mês três português inglês úteis último número técnico médio "
    "história farmácia mercearia laticínios óleo pêssego pêra você bebê chá maracujá guaraná frango à às milhões caminhões "
    "edição coleção variação peça braço lenço terça março alface almôndegas suíno pó vitória único brócolis",
    "Italian": "quantità città età qualità caffè tè è cioè più giù così lunedì martedì però può ciò là libertà novità varietà "
    "bontà metà perché né poiché tiramisù ragù virtù unità pubblicità caffetteria specialità velocità",
    "Dutch": "coördinatie één crème café ideeën zeeën reünie geïmporteerd geïsoleerd cacaoën patiënt officiële oriënt paté "
    "garnituur industriële biologische provençaalse maïs kopiëren",
    "Nordic": "størrelse beskrivelse mængde brød smør fløde øl rød grøn hør mælk æg æble kød pølse jordbær rødvin fås får gård "
    "år små blå gå på både kål påske ål åben kål lør søn måned måneder försäljning mängd artikelnummer bröd smör grädde öl röd "
    "grön mjölk ägg äpple kött korv jordgubbar rött vin får gård år små blå gå på både kål påsk månad månader storlek grädde "
    "kyckling fläsk räkor köttbullar tvättmedel hållbar färg säljare pris ärtor gröna kvällsmat törst myyntimäärä määrä päivä "
    "kahvi hyvä öljy tyttö mäti vähän leipä jäätelö pöytä kylmä",
    "Polish": "miesiąc ilość sprzedaż sztuk wartość cena jaśminowy ryż biały biała białe żółty żółta żółte czerwony zielony źródło "
    "łosoś śledź masło mąka mąki pieprz sól ser żółty świeży świeże śmietana śmietanka ciastko pączek pączki jabłko gruszka "
    "śliwka pomarańcza cytryna kapusta rzodkiewka papryka ogórek sałata pomidory cukierki wędzony wędlina kiełbasa szynka mięso "
    "wołowina kurczak ćwiartka indyk gęś żeberka dżem miód płatki owsiane orzeszki słonecznik sałatka mrożone lód lody "
    "proszek płyn szampon mydło pasta zębów ręcznik chusteczki łóżko łyżka nóż widelec żarówka książka długopis zakupów "
    "opłata kwota należność dostępność obowiązuje źle ważne dzień tydzień październik grudzień styczeń wrzesień luty święta "
    "wyprzedaż towaru usługa główny własny łącznie świąteczny wódka piwo jasne sok jabłkowy gazowana niegazowana ósmy część "
    "kość gość ciąg chłodziarka żelazko zamówienie koszyk zegar cześć pęczek pęto jęczmień bukłak łuskany łuskana żurek gryka kasza",
    "Czech": "počet množství název zboží cena čokoláda chléb mléko máslo sýr jablko hruška švestka třešně mrkev řepa zelí česnek "
    "cibule brambory rajče okurka paprika hořčice kečup olej slunečnicový vejce vepřové hovězí kuře krůta šunka párek klobása "
    "rýže těstoviny mouka cukr sůl pepř koření čaj káva víno pivo světlé tmavé džus voda perlivá neperlivá sušenky oplatky "
    "žvýkačka bonbóny zmrzlina tvaroh jogurt smetana šlehačka prášek mýdlo šampon zubní pasta ručník žárovka nůž lžíce talíř "
    "hrnek měsíc týden den září říjen květen červen červenec únor březen prodej prodané kusů tržba skladem dodavatel účet "
    "číslo země město ulice žlutý žluťoučký kůň úpěl ďábelské ódy bílý černý zelený modrý červený růžový příliš velký malý "
    "něco každý dobře svíčková knedlík zelenina ovoce čerstvý čerstvé ještě věc měď loďka šťáva pečivo žitný pšeničný dům stůl "
    "průměr původ mražené kuchyňský dětský dámský pánský",
    "Slovak": "počet množstvo názov tovar cena čokoláda chlieb mlieko maslo syr jablko hruška slivka čerešne mrkva cesnak cibuľa "
    "zemiaky uhorka horčica kečup olej slnečnicový vajcia bravčové hovädzie kura šunka párok klobása ryža múka cukor soľ "
    "čierne korenie čaj káva víno pivo džús sušienky žuvačka zmrzlina tvaroh smotana šľahačka prášok mydlo šampón uterák žiarovka "
    "nôž lyžica mesiac týždeň deň október máj jún júl predaj kusov tržba účet číslo žltý biely čierny zelený modrý červený ružový "
    "kôň stôl môže kôš ľahký veľký malý päť mäso mäsový svätý ďakujem šťava vŕba stĺp kŕdeľ",
    "Hungarian": "mennyiség ár egységár cikkszám megnevezés árucikk kenyér tej vaj sajt túró tejföl tojás hús csirke sertés marha "
    "kolbász sonka hal alma körte szilva cseresznye répa hagyma fokhagyma burgonya paradicsom uborka paprika káposzta rizs tészta "
    "liszt cukor só bors fűszer kávé tea bor sör víz gyümölcslé üdítő csokoládé keksz fagylalt joghurt mosópor szappan sampon "
    "fogkrém törölköző villanykörte kés kanál tányér pohár hónap hét nap október július június június eladott darab készlet "
    "számla szám ország város utca sárga fehér fekete zöld kék piros rózsaszín kicsi nagy jó ügyes külső belső felső erdő idő "
    "gyűjtő szőlő tükörfúrógép árvíztűrő hűtő sütő főző tető bőr sűrű könyv gyűrű ünnep húsvét kör őszi fűtés különböző "
    "nettó bruttó áfa összesen kedvezmény termék terméknév élelmiszer zsömle pékáru főtt sült füstölt szűrt dió mogyoró",
    "Romanian": "cantitate preţ preţuri denumire articol pâine lapte brânză unt ouă carne pui porc vită peşte şuncă cârnaţi mere "
    "pere prune cireşe morcov ceapă usturoi cartofi roşii castraveţi varză orez făină zahăr sare piper ulei floarea soarelui "
    "cafea ceai apă bere vin suc ciocolată biscuiţi îngheţată iaurt smântână săpun şampon pastă dinţi hârtie lună săptămână zi "
    "vânzări bucăţi stoc factură număr ţară oraş stradă galben alb negru verde albastru roşu mic mare româneşc în să fără după "
    "şi până când câte sâmbătă duminică naţional producţie băutură răcoritoare proaspăt dulceaţă muştar maioneză ţelină",
    "Croatian": "količina naziv cijena šifra kruh mlijeko maslac sir jabuka kruška šljiva trešnja mrkva češnjak krumpir rajčica "
    "riža tjestenina brašno šećer ulje čaj kava piće vino pivo čokolada keks sladoled vrhnje prašak sapun šampon žarulja nož "
    "žlica tanjur mjesec dan siječanj veljača ožujak travanj lipanj rujan studeni prosinac račun državu žuti bijeli crni crveni "
    "ružičasti veći manji među također đak đumbir đuveč meso pileće svinjeće goveđe kobasica šunka ćevapi ćevapčići voće povrće "
    "cvijeće kuća noć već sveučilište ženski dječji količino naročilo izdelek datum mesec prodaja želja",
    "Russian": "дата товар наименование количество цена сумма артикул магазин склад продажи месяц остаток код скидка выручка штрихкод "
    "номер заказ клиент категория группа бренд единица измерения штук упаковка вес литр хлеб молоко масло сыр творог сметана яйца "
    "мясо курица говядина свинина колбаса сосиски рыба икра яблоки груши сливы вишня морковь лук чеснок картофель помидоры огурцы "
    "перец капуста рис гречка макароны мука сахар соль чай чёрный зелёный кофе вода газированная вино пиво сок шоколад печенье "
    "конфеты мороженое йогурт кефир порошок мыло шампунь зубная паста полотенце лампочка нож ложка тарелка чашка белый красный "
    "жёлтый синий большой малый для без январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь рубль "
    "объём съедобный подъезд этикетка щука ёж себестоимость закупочная розничная название",
    "Ukrainian": "дата товар назва кількість ціна сума артикул магазин склад продажі місяць залишок знижка виторг хліб молоко масло "
    "сир сметана яйця мясо курка яловичина ковбаса риба яблука груші сливи вишня морква цибуля часник картопля помідори огірки "
    "перець капуста рис гречка борошно цукор сіль чай чорний зелений кава вода вино пиво сік шоколад печиво цукерки морозиво "
    "порошок мило їжа європа ґанок жовтий синій білий червоний великий малий січень лютий березень квітень травень червень липень "
    "серпень вересень жовтень листопад грудень гривня",
    "Bulgarian": "дата стока наименование количество цена сума артикул магазин склад продажби месец хляб мляко масло сирене кашкавал "
    "яйца месо пиле телешко свинско наденица риба ябълки круши сливи череши моркови лук чесън картофи домати краставици пипер зеле "
    "ориз макарони брашно захар сол чай кафе вода вино бира сок шоколад бисквити сладолед кисело прах сапун шампоан паста бял "
    "червен жълт зелен син голям малък отстъпка ъгъл лев стотинки януари февруари ябълков",
}  # fmt: skip
"""Language -> words in lower case, apart by spaces."""
