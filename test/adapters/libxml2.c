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

static bool round_trip(size_t items, bool ask)
{
    int length, written = 0;
    xmlChar *out = NULL;
    size_t found = 0;
    char *text = make_text(items, &length);
    xmlDocPtr document =
        xmlReadMemory(text, length, "list.xml", NULL, XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (document) {
        found = ask ? count(document, "//item[name]") : items;
        xmlDocDumpMemory(document, &out, &written);
        held();
        zfree(out);
        xmlFreeDoc(document);
    }
    free(text);
    xmlCleanupParser();
    return found == items && written >= length / 2;
}

static void work(void)
{
    require(round_trip(20000, true), "the document could not be parsed, asked and written");
}

/* Without XPath: libxml2 2.9 frees what it works on when the stack of values cannot be had, in
 * xmlXPathRunEval, and then goes on with it. */
static void small_work(void)
{
    xmlSetStructuredErrorFunc(NULL, ignore);
    round_trip(3, false);
}

int main(void)
{
    require(xmlMemSetup(zfree, ztrymalloc, ztryrealloc, NULL) == -1, "a call may be missing");
    require(install() == 0, "libxml2 refuses");
    require_work(work, 8u << 20);
    require_work_under_failures(small_work, 0);
    return 0;
}
