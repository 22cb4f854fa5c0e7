//! Enums whose variants have a word, for stores and URLs, and a label, for screens.

/// Declares both, and the list of all variants, by one table.
macro_rules! vocabulary {
    (
        $type:ident: $(#[$all:meta])* ALL, $(#[$word:meta])* word, $(#[$label:meta])* label,
        $($variant:ident = $says:literal, $shows:literal;)+
    ) => {
        impl $type {
            $(#[$all])*
            pub const ALL: [Self; [$($says),+].len()] = [$(Self::$variant),+];

            $(#[$word])*
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $says,)+
                }
            }

            $(#[$label])*
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $shows,)+
                }
            }
        }
    };
}

pub(crate) use vocabulary;
