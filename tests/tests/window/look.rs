//! A look at a state as people see it: its picture, and what in it breaks the rules of the design (`check.js`) or of
//! accessibility (axe).

use crate::Desk;
use acceptance::window::Window;

/// A window whose every state is looked at.
pub struct Look {
    pub window: Window,
    name: String,
    flaws: Vec<String>,
}

impl Look {
    pub async fn open(desk: &Desk, size: (u32, u32), locale: &str) -> Look {
        let window = Window::open(desk.folder.path(), size.0, size.1).await;
        Look::through(window, size, locale).await
    }

    /// As it starts, with nobody signed in.
    pub async fn open_locked(desk: &Desk, size: (u32, u32), locale: &str) -> Look {
        let window = Window::open_locked(desk.folder.path(), size.0, size.1).await;
        Look::through(window, size, locale).await
    }

    /// A window on the training shop.
    pub async fn of_training(size: (u32, u32), locale: &str) -> Look {
        let window = Window::open_demo(size.0, size.1).await;
        window.touch(&format!("locale-set-{locale}")).await;
        Look::through(window, size, locale).await
    }

    async fn through(window: Window, size: (u32, u32), locale: &str) -> Look {
        window.shows(&format!("html[lang='{locale}']")).await;
        Look { window, name: format!("{locale}-{}", size.0), flaws: Vec::new() }
    }

    pub async fn at(&mut self, state: &str) {
        for theme in ["light", "dark"] {
            self.window.theme(theme).await;
            self.window.picture(&format!("{state}-{}-{theme}", self.name)).await;
            let flaws = self.window.flaws().await;
            self.flaws.extend(flaws.into_iter().map(|flaw| format!("{state} {} {theme}: {flaw}", self.name)));
        }
    }

    /// The till is switched off at once, and started again.
    pub async fn cut_off(self, desk: &Desk, size: (u32, u32)) -> Look {
        let Look { window, name, flaws } = self;
        window.kill().await;
        let window = Window::open(desk.folder.path(), size.0, size.1).await;
        Look { window, name, flaws }
    }

    pub async fn close(self) {
        self.window.close().await;
        assert!(self.flaws.is_empty(), "{} flaws:\n{}", self.flaws.len(), self.flaws.join("\n"));
    }
}

/// A module for each size and language, with a test for each of the walks named.
macro_rules! looks {
    ($walks:tt $($name:ident: $size:expr, $locale:literal;)*) => {
        $(crate::look::looks!(@one $name, $size, $locale, $walks);)*
    };
    (@one $name:ident, $size:expr, $locale:literal, [$($walk:ident),*]) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $walk() {
                super::$walk($size, $locale).await;
            })*
        }
    };
}
pub(crate) use looks;

/// Each walk in three sizes and at double zoom, in Kazakh and Russian; in English once.
macro_rules! in_every_size {
    ($($walk:ident),*) => {
        crate::look::looks! {
            [$($walk),*]
            kazakh_on_a_small_screen: (1024, 768), "kk";
            russian_on_a_small_screen: (1024, 768), "ru";
            kazakh: (1366, 768), "kk";
            russian: (1366, 768), "ru";
            english: (1366, 768), "en";
            kazakh_on_a_large_screen: (1920, 1080), "kk";
            russian_on_a_large_screen: (1920, 1080), "ru";
            kazakh_at_double_zoom: (683, 384), "kk";
            russian_at_double_zoom: (683, 384), "ru";
        }
    };
}
pub(crate) use in_every_size;
