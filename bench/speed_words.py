"""The words that the benchmark's mails are made of: what customers of a web shop write, in several languages."""

from typing import Final

# Whole sentences, so that categories are found in them and trimming has something to read.
SENTENCES: Final = (
    "The export of last week's orders stops at row 214 and shows an empty page.",
    "I was charged twice for the same invoice and would like one of the charges back.",
    "Could you tell me how long the repair of the printer will take?",
    "Since the update this morning the search no longer finds older documents.",
    "We would like to have a button that copies an order to the next month.",
    "The parcel arrived, but two of the five boxes were open.",
    "My colleague can sign in, I cannot, and we use the same browser.",
    "Please send the contract to our new address, which you find below.",
    "Every evening at about six the connection to the warehouse is lost for some minutes.",
    "I have tried it with another cable, another socket and another machine.",
    "Is there a discount for schools, and what do we have to send you for it?",
    "The attached pictures show what is on the screen after the third step.",
    "Wir haben die Rechnung geprüft und können zwei Positionen nicht zuordnen.",
    "Die Anmeldung schlägt fehl, obwohl das Passwort gestern noch gültig war.",
    "Bitte ändern Sie die Lieferadresse für alle künftigen Bestellungen.",
    "Für die Prüfung brauchen wir eine Bestätigung bis nächsten Mittwoch.",
    "La facture du mois dernier comporte une erreur dans le montant de la taxe.",
    "Depuis hier, le tableau de bord reste vide après la connexion.",
    "Pourriez-vous nous indiquer à qui nous devons envoyer le formulaire ?",
    "La página de pagos tarda más de un minuto en cargar desde el lunes.",
    "Necesitamos añadir a tres personas más a nuestro equipo antes del viernes.",
    "Кнопка «Сохранить» не реагирует, если открыть заказ заново.",
    "Просим подтвердить получение документов, отправленных на прошлой неделе.",
    "The numbers in the yearly overview differ from the sum of the months by 3.80.",
    "Nobody here can remember who set this up, so please explain it as to a beginner.",
    "It worked for two years and nothing was changed on our side.",
    "We need an answer by Thursday, because the auditors come on Friday.",
    "Thank you for the quick help last time; this is something else.",
)
TOPICS: Final = (
    "Export stops in the middle",
    "Charged twice for one invoice",
    "Cannot sign in since the update",
    "Question about the delivery",
    "Rechnung mit falscher Adresse",
    "Demande de renseignements",
    "A wish for the order form",
    "Problema con el pago",
    "Printer in the second floor",
    "Вопрос про заказ",
    "Two boxes were open",
    "Numbers that do not add up",
)
NAMES: Final = (
    "Ann Keller", "Björn Åkesson", "Chloé Martin", "Dmitri Volkov", "Elif Öztürk", "Farid Haddad", "Grace Owusu",
    "Hana Suzuki", "Iñaki Etxeberria", "Jana Dvořák", "Kwame Mensah", "Lars Nygård", "Maria Rossi", "Noor Khan",
)  # fmt: skip
SHOPS: Final = (
    "acme",
    "bakery",
    "cycles",
    "dental",
    "elements",
    "florist",
    "garage",
    "hostel",
    "instruments",
    "joinery",
)
FILES: Final = ("screenshot.png", "invoice.pdf", "Übersicht März.xlsx", "photo-1.jpg", "log.txt", "contract signed.pdf")
KINDS: Final = {
    "png": "image/png",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "txt": "text/plain",
}
