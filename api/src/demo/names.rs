//! Names and places of the demo's people: common Spanish ones, put together by chance.

/// Given names.
pub(super) const FIRST_NAMES: &[&str] = &[
    "Lucía", "María", "Carmen", "Ana", "Sofía", "Martina", "Paula", "Inés", "Begoña", "Rocío",
    "Nuria", "Pilar", "Elena", "Marta", "Irene", "Raquel", "Andrea", "Noelia", "Silvia", "Mónica",
    "Íngrid", "Antonio", "Manuel", "José", "Javier", "Daniel", "David", "Álvaro", "Hugo", "Mateo",
    "Iñaki", "Íñigo", "Adrián", "Rubén", "Óscar", "Jesús", "Ángel", "Raúl", "Iván", "Joaquín",
    "Sergio", "Pablo", "Diego", "Andrés", "Nicolás", "Tomás",
];

/// Family names, of which everyone has two.
pub(super) const SURNAMES: &[&str] = &[
    "García",
    "Fernández",
    "González",
    "Rodríguez",
    "López",
    "Martínez",
    "Sánchez",
    "Pérez",
    "Gómez",
    "Martín",
    "Jiménez",
    "Ruiz",
    "Hernández",
    "Díaz",
    "Moreno",
    "Muñoz",
    "Álvarez",
    "Romero",
    "Alonso",
    "Gutiérrez",
    "Navarro",
    "Torres",
    "Domínguez",
    "Vázquez",
    "Ramos",
    "Gil",
    "Ramírez",
    "Serrano",
    "Blanco",
    "Molina",
    "Ortega",
    "Delgado",
    "Castro",
    "Ortiz",
    "Rubio",
    "Marín",
    "Núñez",
    "Ibáñez",
    "Peña",
    "Cañizares",
    "Saldaña",
    "Zúñiga",
    "Güell",
    "Argüelles",
    "Ferrer",
    "Soler",
];

/// A place to live.
pub(super) struct City {
    /// Its name.
    pub(super) name: &'static str,
    /// One of its postal codes.
    pub(super) postal_code: &'static str,
}

/// Places, the two with a shop first.
pub(super) const CITIES: &[City] = &[
    City {
        name: "Valencia",
        postal_code: "46001",
    },
    City {
        name: "Castellón de la Plana",
        postal_code: "12001",
    },
    City {
        name: "Madrid",
        postal_code: "28004",
    },
    City {
        name: "Barcelona",
        postal_code: "08002",
    },
    City {
        name: "Sevilla",
        postal_code: "41001",
    },
    City {
        name: "Zaragoza",
        postal_code: "50003",
    },
    City {
        name: "Málaga",
        postal_code: "29005",
    },
    City {
        name: "Murcia",
        postal_code: "30001",
    },
    City {
        name: "Palma",
        postal_code: "07001",
    },
    City {
        name: "Las Palmas de Gran Canaria",
        postal_code: "35002",
    },
    City {
        name: "Bilbao",
        postal_code: "48005",
    },
    City {
        name: "Alicante",
        postal_code: "03001",
    },
    City {
        name: "Córdoba",
        postal_code: "14003",
    },
    City {
        name: "A Coruña",
        postal_code: "15001",
    },
    City {
        name: "Logroño",
        postal_code: "26001",
    },
    City {
        name: "Donostia",
        postal_code: "20003",
    },
];

/// A name without accents, spaces and capitals, as it stands in addresses and handles.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}
