/* libxml2: a document of some 2 MiB is parsed into a tree, asked by XPath, written and dropped. */
#include "adapter.h"
#include "page-libxml2.h"

#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

static int install(void)
{
#include "page-libxml2.inc"
    return 0;
}

/* The program's own, of the C library. */
static char *make_text(size_t items, int *length)
{
    static const char head[] = "<!DOCTYPE list [<!ENTITY who 'someone'>]><list xmlns:x='urn:x'>";
    char *text = malloc(sizeof head + items * 160 + 16), *end = text;
    require(text, "no memory");
    end += sprintf(end, "%s", head);
    for (size_t i = 0; i < items; i++)
        end += sprintf(
            end, "<item id='i%zu' x:n='&who;'><name>a &lt; %zu &who;</name><!-- %zu --></item>", i,
            i, i);
    end += sprintf(end, "</list>");
    *length = (int)(end - text);
    return text;
}

static size_t count(xmlDocPtr document, const char *what)
{
    size_t n = 0;
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr result = context ? xmlXPathEvalExpression(BAD_CAST what, context) : NULL;
    if (result && result->nodesetval)
        n = (size_t)result->nodesetval->nodeNr;
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    return n;
}

static void ignore(void *context, xmlErrorPtr error)
{
    (void)context;
    (void)error;
}

/* Whether libxml2 says that it was short of memory since the last clean-up. A parser that was may
 * give a document all the same, of which some is missing (2.9.14). */
static bool is_told(void)
{
    const xmlError *error = xmlGetLastError();
    return error && error->code == XML_ERR_NO_MEMORY;
}

/* How many bytes are written of what was parsed, 0 where it says that memory ran out. */
static int round_trip(size_t items, bool ask)
{
    int length, written = 0;
    char *text = make_text(items, &length);
    xmlDocPtr document =
        xmlReadMemory(text, length, "list.xml", NULL, XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (document) {
        xmlChar *out = NULL;
        require(!ask || count(document, "//item[name]") == items, "XPath found other items");
        xmlDocDumpMemory(document, &out, &written);
        held();
        zfree(out);
        xmlFreeDoc(document);
    }
    bool told = is_told();
    free(text);
    xmlCleanupParser();
    return told ? 0 : written;
}

static bool work(void)
{
    return round_trip(20000, true) > 1 << 20;
}

static int whole;

/* Without XPath: libxml2 2.9 frees what it works on when the stack of values cannot be had, in
 * xmlXPathRunEval, and then goes on with it. */
static bool small_work(void)
{
    xmlSetStructuredErrorFunc(NULL, ignore);
    int written = round_trip(3, false);
    require(written == 0 || written == whole, "%d bytes are missing, and libxml2 does not say so",
            whole - written);
    return written != 0;
}

int main(void)
{
    require(xmlMemSetup(zfree, ztrymalloc, ztryrealloc, NULL) == -1, "a call may be missing");
    require(install() == 0, "libxml2 refuses");
    require_work(work, 8u << 20);
    whole = round_trip(3, false);
    require(whole > 0, "the small document could not be written");
    require_work_under_failures(small_work, 80);
    return 0;
}
