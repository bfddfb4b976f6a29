//! The shop: what it sells, and what it writes to its subscribers.

/// Something on sale.
pub(super) struct Product {
    /// Position in the catalogue, from 1.
    pub(super) number: usize,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    /// Price in cents of a euro, taxes included.
    pub(super) cents: u32,
}

/// The shelves, each with its goods and their prices in cents.
pub(super) const CATEGORIES: &[(&str, &[(&str, u32)])] = &[
    (
        "Aceites",
        &[
            ("Aceite de oliva virgen extra 500 ml", 1_090),
            ("Aceite de oliva virgen extra 3 l", 4_250),
            ("Aceite arbequina 250 ml", 790),
            ("Aceite ahumado 100 ml", 890),
            ("Aceite con trufa 100 ml", 1_290),
            ("Vinagre de Jerez 375 ml", 690),
            ("Vinagre balsámico de manzana", 745),
            ("Aceitunas gordal 300 g", 520),
            ("Aceitunas de Camporreal 300 g", 480),
            ("Estuche de tres aceites", 2_990),
        ],
    ),
    (
        "Quesos",
        &[
            ("Queso manchego curado 500 g", 1_350),
            ("Queso de cabra al romero 300 g", 980),
            ("Queso Idiazábal ahumado 400 g", 1_240),
            ("Torta del Casar 350 g", 1_690),
            ("Queso Cabrales 250 g", 1_150),
            ("Queso Mahón semicurado 400 g", 1_095),
            ("Tetilla gallega 500 g", 895),
            ("Membrillo casero 300 g", 450),
            ("Tabla de quesos para cuatro", 2_650),
            ("Cuchillo de queso", 1_490),
        ],
    ),
    (
        "Conservas",
        &[
            ("Anchoas del Cantábrico 50 g", 890),
            ("Bonito del norte en aceite 220 g", 1_150),
            ("Mejillones en escabeche 115 g", 575),
            ("Ventresca de atún 110 g", 990),
            ("Sardinillas en aceite 115 g", 490),
            ("Pimientos del piquillo 220 g", 510),
            ("Espárragos blancos de Navarra", 925),
            ("Alcachofas en aceite 300 g", 640),
            ("Paté de perdiz 120 g", 560),
            ("Lote de conservas del mar", 3_450),
        ],
    ),
    (
        "Vinos",
        &[
            ("Tinto crianza Rioja", 1_180),
            ("Tinto reserva Ribera del Duero", 2_390),
            ("Albariño Rías Baixas", 1_250),
            ("Verdejo Rueda", 790),
            ("Cava brut nature", 1_090),
            ("Fino de Jerez", 850),
            ("Vermut rojo 1 l", 1_120),
            ("Sidra natural asturiana", 420),
            ("Caja de seis crianzas", 6_490),
            ("Sacacorchos de dos tiempos", 1_350),
        ],
    ),
    (
        "Dulces",
        &[
            ("Turrón de Jijona 250 g", 1_090),
            ("Turrón de Alicante 250 g", 1_120),
            ("Polvorones de Estepa 400 g", 640),
            ("Miel de azahar 500 g", 790),
            ("Miel de brezo 500 g", 850),
            ("Chocolate negro con almendra", 450),
            ("Mermelada de naranja amarga", 480),
            ("Galletas de nata 200 g", 365),
            ("Horchata de chufa 1 l", 395),
            ("Cesta dulce", 3_290),
        ],
    ),
    (
        "Cocina",
        &[
            ("Paellera esmaltada 38 cm", 2_150),
            ("Cazuela de barro 24 cm", 1_290),
            ("Mortero de olivo", 1_850),
            ("Delantal de lino", 2_690),
            ("Paño de cocina a rayas", 790),
            ("Arroz bomba 1 kg", 520),
            ("Pimentón de la Vera 75 g", 345),
            ("Azafrán en hebra 1 g", 690),
            ("Sal en escamas 150 g", 425),
            ("Juego de paella para seis", 5_900),
        ],
    ),
];

/// All products, shelf by shelf.
pub(super) fn catalogue() -> Vec<Product> {
    CATEGORIES
        .iter()
        .flat_map(|(category, goods)| goods.iter().map(move |good| (*category, good)))
        .enumerate()
        .map(|(position, (category, (name, cents)))| Product {
            number: position + 1,
            name,
            category,
            cents: *cents,
        })
        .collect()
}

/// A newsletter.
pub(super) struct Campaign {
    pub(super) id: &'static str,
    pub(super) subject: &'static str,
    /// How many days before the end of the year it goes out.
    pub(super) days_ago: i64,
}

/// The newsletters of the year, oldest first.
pub(super) const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        id: "boletin-01",
        subject: "Cosecha nueva: ya está aquí",
        days_ago: 351,
    },
    Campaign {
        id: "boletin-02",
        subject: "Quesos para compartir",
        days_ago: 321,
    },
    Campaign {
        id: "boletin-03",
        subject: "Lo mejor del Cantábrico",
        days_ago: 291,
    },
    Campaign {
        id: "boletin-04",
        subject: "Vinos de tierras pequeñas",
        days_ago: 261,
    },
    Campaign {
        id: "boletin-05",
        subject: "Envío gratis este fin de semana",
        days_ago: 231,
    },
    Campaign {
        id: "boletin-06",
        subject: "Domingo de paella",
        days_ago: 201,
    },
    Campaign {
        id: "boletin-07",
        subject: "Regalos que se comen",
        days_ago: 171,
    },
    Campaign {
        id: "boletin-08",
        subject: "Conservas de temporada",
        days_ago: 141,
    },
    Campaign {
        id: "boletin-09",
        subject: "Tu aceite, a mejor precio",
        days_ago: 111,
    },
    Campaign {
        id: "boletin-10",
        subject: "Novedades en la despensa",
        days_ago: 81,
    },
    Campaign {
        id: "boletin-11",
        subject: "Diez recetas con arroz",
        days_ago: 51,
    },
    Campaign {
        id: "boletin-12",
        subject: "¿Qué te falta en la cocina?",
        days_ago: 21,
    },
    Campaign {
        id: "boletin-13",
        subject: "Solo esta semana",
        days_ago: 3,
    },
];

/// What people type into the search box.
pub(super) const SEARCHES: &[&str] = &[
    "aceite",
    "queso manchego",
    "regalo",
    "paella",
    "turron",
    "vino tinto",
    "anchoas",
    "miel",
    "cesta",
    "sin gluten",
];

/// What people write under the shop's pictures.
pub(super) const COMMENTS: &[&str] = &[
    "¡Qué pinta!",
    "¿Enviáis a Canarias?",
    "Lo compré y repetiré",
    "Me encanta 😍",
    "¿Cuándo vuelve el queso de cabra?",
    "El mejor aceite de la zona",
];
