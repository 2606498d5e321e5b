"""The domains at which anybody can have an address: whoever shares one has nothing else in common with the others."""

# Mails from here are counted by address and never by domain (docs/security.md#floods). A provider that is missing is
# counted as a company would be, so only the large ones matter.
PUBLIC_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com
    outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.co.id outlook.com.br
    hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it live.com live.co.uk live.de live.fr live.nl
    live.se msn.com passport.com
    yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.com.br
    yahoo.com.au yahoo.com.mx ymail.com rocketmail.com myyahoo.com aol.com aol.de aim.com
    icloud.com me.com mac.com
    proton.me protonmail.com pm.me tutanota.com tutanota.de tuta.com tuta.io
    fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu hushmail.com mail.com email.com
    gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.fr gmx.us web.de freenet.de t-online.de posteo.de mailbox.org
    arcor.de online.de vodafonemail.de
    bluewin.ch hispeed.ch sunrise.ch aon.at chello.at a1.net
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr
    libero.it virgilio.it tiscali.it alice.it tin.it
    telefonica.net terra.es
    telenet.be skynet.be proximus.be ziggo.nl kpnmail.nl planet.nl xs4all.nl hetnet.nl home.nl
    btinternet.com virginmedia.com sky.com talktalk.net ntlworld.com blueyonder.co.uk
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net optonline.net
    earthlink.net juno.com rogers.com shaw.ca bell.net sympatico.ca videotron.ca
    bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz
    uol.com.br bol.com.br terra.com.br
    wp.pl o2.pl onet.pl interia.pl poczta.onet.pl
    seznam.cz email.cz centrum.cz centrum.sk azet.sk freemail.hu citromail.hu abv.bg
    mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com
    naver.com hanmail.net daum.net nate.com kakao.com
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com
    """.split()
)


def is_shared(domain: str, shared: frozenset[str]) -> bool:
    """True where people who share the domain have nothing else in common: a public provider's, or one of `shared`."""
    return domain in PUBLIC_PROVIDERS or domain in shared
