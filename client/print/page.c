/* The HTML of printed forms. One style for all; sizes in millimetres and points, since it is paper. */
#include "client/print/page.h"

static const char style[] =
    "@page{size:%s;margin:%s;%s}\n"
    "*{box-sizing:border-box}\n"
    "body{font-family:\"Songti SC\",SimSun,\"Noto Serif CJK SC\",\"Source Han Serif SC\",\"Noto Sans CJK SC\",serif;"
    "font-size:10.5pt;line-height:1.5;color:#000;background:#fff;margin:0}\n"
    "h1{font-size:18pt;text-align:center;margin:0 0 4mm;letter-spacing:.1em;break-after:avoid}\n"
    "h2{font-size:12pt;margin:5mm 0 2mm;break-after:avoid}\n"
    "p{margin:0 0 1.5mm;text-indent:2em;overflow-wrap:anywhere}\n"
    ".line{display:flex;justify-content:space-between;margin:0 0 2mm}\n"
    "table{width:100%%;border-collapse:collapse;table-layout:fixed;margin:0 0 3mm}\n"
    "thead{display:table-header-group}\n"
    "tr{break-inside:avoid}\n"
    "td,th{border:.3mm solid #000;padding:1.2mm 1.5mm;vertical-align:middle;font-weight:normal;text-align:left;"
    "overflow-wrap:anywhere}\n"
    "th{text-align:center;font-weight:bold}.frame th{width:32mm}\n"
    "td.c{text-align:center}td.r{text-align:right;font-variant-numeric:tabular-nums}\n"
    "td.tall{vertical-align:top;white-space:pre-line}\n"
    "td.tall div{text-align:right;margin-top:6mm;white-space:pre}\n"
    ".small{font-size:9pt}.small td,.small th{padding:1mm}\n"
    "td.sum{white-space:nowrap;font-weight:bold}\n"
    ".signatures{margin:8mm -4mm 4mm;break-inside:avoid}\n"
    ".signatures table{border-collapse:separate;border-spacing:4mm 0;margin:0}\n"
    ".signatures td{border:0;border-bottom:.2mm solid #000;padding:0 0 1mm;white-space:nowrap;vertical-align:bottom}\n"
    ".note{font-size:8.5pt;margin-top:3mm}\n"
    ".slip .frame td,.slip .frame th{padding:2.6mm 2mm}.slip .frame th{width:28mm}\n"
    ".next{break-before:page}.red{color:#c00}.red td,.red th{border-color:#c00}\n"
    "@media screen{body{max-width:190mm;margin:8mm auto;padding:0 4mm}}\n";

/* Of a slip there is one page: it has no number. */
#define NUMBERED "@bottom-center{content:counter(page) \" / \" counter(pages);font-size:8.5pt}"
static const struct {
    const char *size, *margin, *foot;
} forms[] = {
    [PAGE_PORTRAIT] = {"A4 portrait", "20mm 18mm", NUMBERED},
    [PAGE_LANDSCAPE] = {"A4 landscape", "15mm 15mm", NUMBERED},
    [PAGE_SLIP] = {"A5 landscape", "10mm 12mm", ""},
};

static void escaped(struct page *p, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&':
            buf_text(p->out, "&amp;");
            break;
        case '<':
            buf_text(p->out, "&lt;");
            break;
        case '>':
            buf_text(p->out, "&gt;");
            break;
        case '"':
            buf_text(p->out, "&quot;");
            break;
        default:
            buf_byte(p->out, text.data[i]);
        }
    }
}

static void element(struct page *p, const char *opening, struct slice text, const char *closing)
{
    buf_text(p->out, opening);
    escaped(p, text);
    buf_text(p->out, closing);
}

void page_begin(struct page *p, struct buf *out, const char *language, enum page_form form, const char *title)
{
    *p = (struct page){.out = out, .language = language};
    buf_format(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", language);
    element(p, "<title>", slice_text(title), "</title>\n<style>\n");
    buf_format(out, style, forms[form].size, forms[form].margin, forms[form].foot);
    buf_text(out, form == PAGE_SLIP ? "</style>\n</head>\n<body class=\"slip\">\n" : "</style>\n</head>\n<body>\n");
}

void page_end(struct page *p)
{
    buf_text(p->out, "</body>\n</html>\n");
}

void page_next(struct page *p)
{
    buf_text(p->out, "<div class=\"next\"></div>\n");
}

void page_red_begin(struct page *p)
{
    buf_text(p->out, "<div class=\"red\">\n");
}

void page_red_end(struct page *p)
{
    buf_text(p->out, "</div>\n");
}

void page_title(struct page *p, const char *title)
{
    element(p, "<h1>", slice_text(title), "</h1>\n");
}

void page_line(struct page *p, const char *left, const char *right)
{
    element(p, "<div class=\"line\"><span>", slice_text(left), "</span>");
    element(p, "<span>", slice_text(right), "</span></div>\n");
}

void page_heading(struct page *p, const char *text)
{
    element(p, "<h2>", slice_text(text), "</h2>\n");
}

void page_text(struct page *p, struct slice text)
{
    size_t begin = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] != '\n')
            continue;
        if (i > begin)
            element(p, "<p>", slice_of(text.data + begin, i - begin), "</p>\n");
        begin = i + 1;
    }
}

void page_note(struct page *p, const char *text)
{
    element(p, "<div class=\"note\">", slice_text(text), "</div>\n");
}

/* ---- frame ---- */

void page_frame_begin(struct page *p)
{
    buf_text(p->out, "<table class=\"frame\"><tbody><tr>\n");
}

void page_frame_row(struct page *p)
{
    buf_text(p->out, "</tr><tr>\n");
}

void page_frame_pair(struct page *p, const char *label, struct slice value, unsigned columns)
{
    element(p, "<th>", slice_text(label), "</th>");
    buf_format(p->out, "<td colspan=\"%u\">", columns);
    element(p, "", value, "</td>\n");
}

static void tall_begin(struct page *p, const char *label, struct slice value, unsigned columns, unsigned lines)
{
    element(p, "<th>", slice_text(label), "</th>");
    buf_format(p->out, "<td class=\"tall\" colspan=\"%u\" style=\"height:%umm\">", columns, 6 * (lines + 1));
    escaped(p, value);
}

void page_frame_tall(struct page *p, const char *label, struct slice value, unsigned columns, unsigned lines)
{
    tall_begin(p, label, value, columns, lines);
    buf_text(p->out, "</td>\n");
}

void page_frame_opinion(struct page *p, const char *label, struct slice value, unsigned columns, const char *signature)
{
    tall_begin(p, label, value, columns, 3);
    element(p, "<div>", slice_text(signature), "</div></td>\n");
}

void page_frame_end(struct page *p)
{
    buf_text(p->out, "</tr></tbody></table>\n");
}

/* ---- list ---- */

#define LIST_WIDE 8 /* columns: more than these take a smaller letter */

void page_list_begin(struct page *p, const struct page_column *columns, size_t count)
{
    buf_text(p->out, count > LIST_WIDE ? "<table class=\"small\"><colgroup>" : "<table><colgroup>");
    for (size_t i = 0; i < count; i++)
        buf_format(p->out, "<col style=\"width:%u%%\">", columns[i].percent);
    buf_text(p->out, "</colgroup><thead><tr>");
    for (size_t i = 0; i < count; i++)
        element(p, "<th>", slice_text(columns[i].heading), "</th>");
    buf_text(p->out, "</tr></thead><tbody>\n");
}

void page_list_row(struct page *p)
{
    buf_text(p->out, "<tr>");
}

void page_list_cell(struct page *p, enum page_align align, struct slice value)
{
    static const char *const opening[] = {[PAGE_LEFT] = "<td>", [PAGE_CENTRE] = "<td class=\"c\">", [PAGE_RIGHT] = "<td class=\"r\">"};
    element(p, opening[align], value, "</td>");
}

void page_list_total(struct page *p, const char *label, unsigned columns)
{
    buf_format(p->out, "<tr><td class=\"c\" colspan=\"%u\">", columns);
    element(p, "", slice_text(label), "</td>");
}

void page_list_words(struct page *p, unsigned columns, struct slice words)
{
    buf_format(p->out, "<td class=\"sum\" colspan=\"%u\">", columns);
    element(p, "", words, "</td>");
}

void page_list_end(struct page *p)
{
    buf_text(p->out, "</tbody></table>\n"); /* a row's end is implied by the next, and by this */
}

void page_signatures(struct page *p, const char *const *labels)
{
    buf_text(p->out, "<div class=\"signatures\"><table><tr>");
    for (size_t i = 0; labels[i]; i++)
        element(p, "<td>", slice_text(labels[i]), "</td>");
    buf_text(p->out, "</tr></table></div>\n");
}
