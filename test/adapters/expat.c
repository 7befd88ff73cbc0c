/* Expat, with a parser of its own hooks: documents of 2 MiB in one piece, and of 100,000 elements
 * in small ones. */
#include "adapter.h"
#include "page-expat.h"

#include <string.h>

#define WHOLE (2u << 20)

static size_t elements;

static void XMLCALL started(void *parser, const XML_Char *name, const XML_Char **attributes)
{
    (void)parser;
    (void)name;
    (void)attributes;
    if (++elements % 1000 == 0)
        held();
}

/* One piece of `n` bytes: a comment, in a buffer that is Expat's. */
static bool parse_whole(XML_Parser parser, size_t n)
{
    static const char begin[] = "<a><!--", end[] = "--></a>";
    char *buffer = XML_GetBuffer(parser, (int)n);
    if (!buffer)
        return false;
    memset(buffer, 'x', n);
    memcpy(buffer, begin, sizeof begin - 1);
    memcpy(buffer + n - (sizeof end - 1), end, sizeof end - 1);
    held();
    return XML_ParseBuffer(parser, (int)n, 1) == XML_STATUS_OK;
}

/* `n` elements with names and attributes of their own, one a call, within an entity's worth of
 * nesting. */
static bool parse_many(XML_Parser parser, size_t n)
{
    static const char head[] = "<!DOCTYPE list [<!ENTITY who 'someone'>]><list>";
    bool parsed = XML_Parse(parser, head, sizeof head - 1, 0) == XML_STATUS_OK;
    for (size_t i = 0; parsed && i < n; i++) {
        char text[128];
        int length =
            snprintf(text, sizeof text, "<item%zu key%zu='&who; %zu'><b>&who;</b></item%zu>",
                     i % 5000, i % 300, i, i % 5000);
        parsed = XML_Parse(parser, text, length, 0) == XML_STATUS_OK;
    }
    return parsed && XML_Parse(parser, "</list>", 7, 1) == XML_STATUS_OK;
}

static XML_Parser new_parser(void)
{
#include "page-expat.inc"
    return parser;
}

static bool parse(size_t whole, size_t many)
{
    bool good = true;
    for (int i = 0; i < 2; i++) {
        XML_Parser parser = new_parser();
        if (!parser)
            return false;
        XML_SetElementHandler(parser, started, NULL);
        bool parsed = i ? parse_many(parser, many) : parse_whole(parser, whole);
        good = good && parsed;
        if (!parsed && XML_GetErrorCode(parser) != XML_ERROR_NO_MEMORY)
            fail(__FILE__, __LINE__, "%s", XML_ErrorString(XML_GetErrorCode(parser)));
        XML_ParserFree(parser);
    }
    return good;
}

/* Each of the many has one within, and there are two roots. */
static bool parse_all(size_t whole, size_t many)
{
    elements = 0;
    bool good = parse(whole, many);
    require(!good || elements == 2 * many + 2,
            "Expat says that all went well, and told of %zu elements", elements);
    return good;
}

static bool work(void)
{
    return parse_all(WHOLE, 100000);
}

static bool small_work(void)
{
    return parse_all(10000, 200);
}

int main(void)
{
    require_work(work, WHOLE);
    require_work_under_failures(small_work, 200);
    return 0;
}
