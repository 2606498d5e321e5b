"""The keywords for categories and priorities, in seven languages.

One line a language, in the order English, German, French, Spanish, Italian, Dutch, Portuguese. A phrase may hold
several words; letter case and punctuation inside a phrase do not matter.
"""

# fmt: off
# A word of a strong list decides alone; of a weak list it takes two, or one in the title.
BILLING_STRONG: tuple[str, ...] = (
    "invoice", "invoices", "refund", "billing", "overcharged", "charged twice", "double charge", "credit note",
    "rechnung", "rechnungen", "mahnung", "rückerstattung", "erstattung", "gutschrift", "doppelt abgebucht",
    "facture", "factures", "remboursement", "rembourser", "avoir", "débité deux fois", "facturation",
    "factura", "facturas", "reembolso", "cobro duplicado", "facturación", "nota de crédito",
    "fattura", "fatture", "rimborso", "fatturazione", "nota di credito", "addebito doppio",
    "factuur", "facturen", "terugbetaling", "creditnota", "dubbel afgeschreven", "facturering",
    "fatura", "faturas", "cobrança", "cobrado duas vezes", "faturação", "faturamento",
)
BILLING_WEAK: tuple[str, ...] = (
    "payment", "paid", "pay", "charge", "charged", "price", "subscription", "credit card", "receipt", "vat",
    "zahlung", "bezahlt", "bezahlen", "abbuchung", "preis", "abo", "abonnement", "kreditkarte", "quittung",
    "paiement", "payé", "payer", "prélèvement", "tarif", "carte bancaire", "tva", "reçu",
    "pago", "pagado", "cobro", "precio", "suscripción", "tarjeta", "recibo", "iva",
    "pagamento", "pagato", "addebito", "prezzo", "abbonamento", "carta di credito", "ricevuta",
    "betaling", "betaald", "incasso", "prijs", "creditcard", "btw", "bon",
    "pago em dobro", "preço", "assinatura", "cartão de crédito", "boleto",
)
TECHNICAL_STRONG: tuple[str, ...] = (
    "error", "bug", "crash", "crashes", "crashed", "not working", "doesn't work", "does not work", "cannot log in",
    "can't log in", "broken", "outage", "stack trace", "error message", "stopped working",
    "fehler", "fehlermeldung", "absturz", "stürzt ab", "funktioniert nicht", "geht nicht", "störung", "kaputt",
    "erreur", "message d'erreur", "plantage", "plante", "ne fonctionne pas", "ne marche pas", "panne",
    "fallo", "mensaje de error", "no funciona", "se bloquea", "avería", "no puedo entrar",
    "errore", "messaggio di errore", "non funziona", "si blocca", "guasto", "arresto anomalo",
    "fout", "foutmelding", "werkt niet", "crasht", "storing", "vastgelopen", "kapot",
    "erro", "mensagem de erro", "não funciona", "travou", "avaria", "não consigo entrar",
)
TECHNICAL_WEAK: tuple[str, ...] = (
    "login", "log in", "password", "install", "installation", "timeout", "slow", "server", "failed", "fails", "issue",
    "anmeldung", "anmelden", "passwort", "kennwort", "installieren", "langsam", "problem", "fehlgeschlagen",
    "connexion", "mot de passe", "installer", "lent", "serveur", "problème", "échoue",
    "contraseña", "iniciar sesión", "instalar", "lento", "servidor", "problema", "falla",
    "accesso", "installare", "lenta", "fallito",
    "inloggen", "wachtwoord", "installeren", "traag", "probleem", "mislukt",
    "senha", "palavra passe", "iniciar sessão", "falhou", "falha",
)
FEATURE_STRONG: tuple[str, ...] = (
    "feature request", "feature", "would be great if", "would be nice if", "please add", "enhancement", "wish list",
    "funktionswunsch", "neue funktion", "wäre schön wenn", "wäre toll wenn", "verbesserungsvorschlag", "bitte ergänzen",
    "nouvelle fonctionnalité", "fonctionnalité", "serait bien si", "pourriez vous ajouter", "demande d'évolution",
    "nueva función", "nueva funcionalidad", "funcionalidad", "sería genial", "podrían añadir", "petición de función",
    "nuova funzione", "nuova funzionalità", "funzionalità", "sarebbe bello", "potreste aggiungere",
    "nieuwe functie", "functieverzoek", "zou fijn zijn als", "zou mooi zijn als", "kunnen jullie toevoegen",
    "nova função", "nova funcionalidade", "funcionalidade", "seria ótimo", "seria bom se", "poderiam adicionar",
)
FEATURE_WEAK: tuple[str, ...] = (
    "suggestion", "suggest", "idea", "improve", "improvement", "wish", "support for", "roadmap",
    "vorschlag", "idee", "wunsch", "verbessern", "verbesserung",
    "idée", "souhait", "améliorer", "amélioration", "proposition",
    "sugerencia", "mejora", "mejorar", "propuesta",
    "suggerimento", "migliorare", "miglioramento", "proposta",
    "suggestie", "voorstel", "wens", "verbeteren", "verbetering",
    "sugestão", "ideia", "melhorar", "melhoria",
)
HIGH_STRONG: tuple[str, ...] = (
    "urgent", "urgently", "asap", "as soon as possible", "emergency", "critical", "outage", "production down",
    "data loss", "security breach", "immediately", "right away", "top priority",
    "dringend", "eilig", "sofort", "schnellstmöglich", "so schnell wie möglich", "notfall", "kritisch", "datenverlust",
    "urgence", "urgente", "dès que possible", "au plus vite", "immédiatement", "critique", "perte de données",
    "urgentemente", "lo antes posible", "cuanto antes", "inmediatamente", "emergencia", "crítico", "pérdida de datos",
    "il prima possibile", "al più presto", "immediatamente", "emergenza", "critico", "perdita di dati",
    "spoed", "zo snel mogelijk", "onmiddellijk", "noodgeval", "kritiek", "gegevensverlies",
    "o mais rápido possível", "imediatamente", "emergência", "perda de dados", "quanto antes",
)
HIGH_WEAK: tuple[str, ...] = (
    "deadline", "blocked", "everyone", "all users", "important", "today",
    "frist", "blockiert", "alle benutzer", "wichtig", "heute",
    "bloqué", "tous les utilisateurs", "aujourd'hui",
    "bloqueado", "todos los usuarios", "importante", "hoy",
    "bloccato", "tutti gli utenti", "oggi",
    "geblokkeerd", "alle gebruikers", "belangrijk", "vandaag",
    "todos os usuários", "todos os utilizadores", "hoje",
)
LOW_STRONG: tuple[str, ...] = (
    "no hurry", "no rush", "low priority", "whenever you have time", "when you have time", "take your time",
    "keine eile", "eilt nicht", "hat zeit", "wenn sie zeit haben", "niedrige priorität",
    "rien ne presse", "pas pressé", "quand vous aurez le temps", "prenez votre temps",
    "sin prisa", "no hay prisa", "cuando tengan tiempo", "no corre prisa",
    "senza fretta", "non c'è fretta", "quando avete tempo", "con calma",
    "geen haast", "heeft geen haast", "als jullie tijd hebben", "lage prioriteit",
    "sem pressa", "não há pressa", "quando tiverem tempo", "baixa prioridade",
)

# A word of a high list behind one of these counts as low: "not urgent", "nicht so dringend", "ce n'est pas urgent".
NEGATORS: frozenset[str] = frozenset({
    "not", "isn", "wasn", "no", "never", "nothing", "nicht", "kein", "keine", "nichts", "pas", "rien", "jamais",
    "nada", "non", "niente", "niet", "geen", "niets", "não", "nao",
})
# What may stand between the two.
FILLERS: frozenset[str] = frozenset({
    "so", "very", "really", "that", "at", "all", "is", "it", "t", "super", "too", "particularly", "overly", "an", "a",
    "sehr", "besonders", "wirklich", "es", "das", "ein", "très", "vraiment", "d", "de", "si", "une", "muy", "tan",
    "una", "molto", "così", "è", "un", "heel", "erg", "zo", "echt", "muito", "tão", "é", "uma", "terribly",
})
# fmt: on
