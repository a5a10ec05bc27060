//! Receipts as PDF: one page, as wide as the paper roll and as long as the receipt.
//!
//! The font is a subset of Noto Sans Mono (OFL-1.1, licence beside it) with the letters of all the languages
//! Kassa prints and the currency signs; the whole font would make every receipt 200 KB.

use checkout::layout::{Row, Style};
use printpdf::{
    FontId, Mm, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, TextItem, TextRenderingMode,
};
use std::hash::{DefaultHasher, Hash, Hasher};

const FONT: &[u8] = include_bytes!("NotoSansMono-subset.ttf");

/// The width of every letter of the font, in thousandths of its size.
const ADVANCE_PER_MILLE: f32 = 600.0;
const PAPER_WIDTH_MM: f32 = 80.0;
const MARGIN_MM: f32 = 4.0;
const POINTS_PER_MM: f32 = 72.0 / 25.4;
/// Line height in font sizes.
const LEADING: f32 = 1.3;
/// Bold is the regular letter with an outline; one font file serves both.
const BOLD_OUTLINE_PT: f32 = 0.25;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the receipt font cannot be read")]
pub struct FontUnreadable;

/// The rows on a page of paper width. The same rows always give the same bytes.
pub fn render(rows: &[Row], columns: usize, title: &str) -> Result<Vec<u8>, FontUnreadable> {
    let font = ParsedFont::from_bytes(FONT, 0, &mut Vec::new()).ok_or(FontUnreadable)?;
    let mut document = PdfDocument::new(title);
    let font_id = FontId("ReceiptFont".to_owned());
    document.resources.fonts.map.insert(font_id.clone(), PdfFont::new(font));
    let font = PdfFontHandle::External(font_id);
    let size_pt = (PAPER_WIDTH_MM - 2.0 * MARGIN_MM) * POINTS_PER_MM / columns as f32 / ADVANCE_PER_MILLE * 1000.0;
    let leading_pt = size_pt * LEADING;
    let height_mm = 2.0 * MARGIN_MM + rows.len() as f32 * leading_pt / POINTS_PER_MM;
    let mut ops = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let baseline_pt = height_mm * POINTS_PER_MM - MARGIN_MM * POINTS_PER_MM - index as f32 * leading_pt - size_pt;
        draw(&mut ops, row, &font, size_pt, baseline_pt);
    }
    let page = PdfPage::new(Mm(PAPER_WIDTH_MM), Mm(height_mm), ops);
    let bytes = document.with_pages(vec![page]).save(&PdfSaveOptions::default(), &mut Vec::new());
    Ok(with_id_by_content(bytes))
}

/// The library signs every file with two random ids of 32 letters; ours follow from the content, so that the
/// same receipt is the same file. The length stays, so no offset moves.
fn with_id_by_content(mut bytes: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"/ID[(";
    const LETTERS: usize = 32;
    let Some(at) = bytes.windows(MARK.len()).rposition(|window| window == MARK) else { return bytes };
    let mut hasher = DefaultHasher::new();
    bytes[..at].hash(&mut hasher);
    let id = format!("{:016X}", hasher.finish()).repeat(2);
    let first = at + MARK.len();
    let second = first + LETTERS + 2;
    for start in [first, second] {
        if let Some(place) = bytes.get_mut(start..start + LETTERS) {
            place.copy_from_slice(id.as_bytes());
        }
    }
    bytes
}

fn draw(ops: &mut Vec<Op>, row: &Row, font: &PdfFontHandle, size_pt: f32, baseline_pt: f32) {
    let left_pt = MARGIN_MM * POINTS_PER_MM;
    ops.push(Op::StartTextSection);
    ops.push(Op::SetFont { font: font.clone(), size: Pt(size_pt) });
    ops.push(Op::SetTextCursor { pos: Point { x: Pt(left_pt), y: Pt(baseline_pt) } });
    for cell in &row.cells {
        let mode = match cell.style {
            Style::Plain => TextRenderingMode::Fill,
            Style::Bold => TextRenderingMode::FillStroke,
        };
        ops.push(Op::SetTextRenderingMode { mode });
        ops.push(Op::SetOutlineThickness { pt: Pt(BOLD_OUTLINE_PT) });
        ops.push(Op::ShowText { items: vec![TextItem::Text(cell.text.clone())] });
    }
    ops.push(Op::EndTextSection);
}

#[cfg(test)]
mod tests {
    use super::*;
    use checkout::layout::Cell;

    fn rows(texts: &[&str]) -> Vec<Row> {
        texts.iter().map(|text| Row { cells: vec![Cell { text: (*text).to_owned(), style: Style::Bold }] }).collect()
    }

    #[test]
    fn the_font_has_every_letter_of_every_language() {
        let font = ParsedFont::from_bytes(FONT, 0, &mut Vec::new()).unwrap();
        let letters = "ӘәҒғҚқҢңӨөҰұҮүҺһІіЁёЖжЯя ƏəĞğİıŞşÇçÖöÜü ŐőŰűÁáÉé ŒœÀàÊêÇçŸÿ «»“”–—…№×−₸₼€₽0123456789-=*%.,:;/()";
        for letter in letters.chars() {
            assert!(font.lookup_glyph_index(letter as u32).is_some_and(|glyph| glyph != 0), "no glyph for {letter:?}");
        }
    }

    #[test]
    fn the_same_receipt_gives_the_same_bytes() {
        let rows = rows(&["БАРЛЫҒЫ                  4 870 ₸", "ҚҚС ə ₼ Őű"]);
        assert!(render(&rows, 32, "1").unwrap() == render(&rows, 32, "1").unwrap());
    }
}
