/* Programs with an allocator's life in them: what an application feels of zmalloc. */
#include <jansson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "timed.h"
#include "variants.h"
#include "workload.h"

static const std::string kText(4096, 'x');

/* 20 to 200 bytes, and for one in 16 up to 4 KiB. */
static std::string_view payload_from(uint64_t random)
{
    size_t length = random % 16 ? 20 + (random >> 8) % 181 : 201 + (random >> 8) % 3896;
    return std::string_view(kText).substr(0, length);
}

/* Its bytes follow it, of which there is room for some more. */
struct String {
    size_t length, room;
    char *bytes()
    {
        return reinterpret_cast<char *>(this + 1);
    }
    std::string_view view()
    {
        return {bytes(), length};
    }
};

template <typename Variant> static String *make_string(std::string_view bytes)
{
    size_t length = bytes.size();
    String *string = static_cast<String *>(Variant::allocate(sizeof(String) + length));
    *string = {length, length};
    memcpy(string->bytes(), bytes.data(), length);
    return string;
}

/* What was appended to once is likely to be again: the room becomes twice of what is needed. */
template <typename Variant> static String *append(String *string, std::string_view bytes)
{
    size_t length = string->length + bytes.size();
    if (length > string->room) {
        string = static_cast<String *>(Variant::resize(string, sizeof(String) + 2 * length));
        string->room = 2 * length;
    }
    memcpy(string->bytes() + string->length, bytes.data(), bytes.size());
    string->length = length;
    return string;
}

/* ---- A key-value store as Redis is one, without the network ---- */

template <typename Variant> struct Store {
    struct Entry {
        Entry *next;
        String *key, *value;
        uint64_t expiry;
    };
    size_t size = 4, used = 0;
    Entry **buckets = make_buckets(size);
    uint64_t now = 0; /* in commands */
    char reply[8192];

    ~Store()
    {
        for (size_t i = 0; i < size; i++)
            while (buckets[i])
                remove(&buckets[i]);
        Variant::release(buckets);
    }

    /* Where the key is in its chain, or is to be. */
    Entry **find(std::string_view key)
    {
        Entry **link = &buckets[std::hash<std::string_view>()(key) & (size - 1)];
        while (*link && (*link)->key->view() != key)
            link = &(*link)->next;
        return link;
    }

    static Entry **make_buckets(size_t count)
    {
        size_t bytes = count * sizeof(Entry *);
        return static_cast<Entry **>(memset(Variant::allocate(bytes), 0, bytes));
    }

    void grow()
    {
        Entry **old_buckets = std::exchange(buckets, make_buckets(2 * size));
        size_t old_size = std::exchange(size, 2 * size);
        for (size_t i = 0; i < old_size; i++)
            while (Entry *entry = old_buckets[i]) {
                old_buckets[i] = std::exchange(entry->next, nullptr);
                *find(entry->key->view()) = entry;
            }
        Variant::release(old_buckets);
    }

    void remove(Entry **link)
    {
        Entry *entry = std::exchange(*link, (*link)->next);
        Variant::release(entry->key);
        Variant::release(entry->value);
        Variant::release(entry);
        used--;
    }

    void remove_expired(uint64_t first)
    {
        for (uint64_t i = first; i < first + 32; i++)
            for (Entry **link = &buckets[i & (size - 1)]; *link;)
                if ((*link)->expiry <= now)
                    remove(link);
                else
                    link = &(*link)->next;
    }

    /* Of 16 some 5 are SET, one in four of them with an expiry, one DEL, one APPEND, and 9 GET.
     * Redis too allocates what a command brings. */
    void run_command(uint64_t random)
    {
        uint64_t kind = random >> 60;
        std::string_view payload = payload_from(random >> 32);
        String *key = make_key(random);
        if (used == size)
            grow();
        Entry **link = find(key->view()), *entry = *link;
        if (kind < 5) {
            if (!entry) {
                entry = *link = static_cast<Entry *>(Variant::allocate(sizeof(Entry)));
                *entry = {nullptr, std::exchange(key, nullptr), nullptr, 0};
                used++;
            }
            Variant::release(std::exchange(entry->value, make_string<Variant>(payload)));
            entry->expiry = random >> 36 & 3 ? UINT64_MAX : now + (random >> 40 & 0x7FFF);
        } else if (entry && kind == 5) {
            remove(link);
        } else if (entry && kind == 6) {
            entry->value = append<Variant>(entry->value, payload);
        } else if (entry) {
            memcpy(reply, entry->value->bytes(), std::min(entry->value->length, sizeof reply));
        }
        Variant::release(key);
        if (++now % 64 == 0)
            remove_expired(random);
    }

    /* One of 65,536, some of which are wanted much more often than others. */
    static String *make_key(uint64_t random)
    {
        char name[] = "session:0123456789ABCDEF:profile";
        uint64_t id = ((random & 0xFFFF) * (random >> 16 & 0xFFFF) >> 16) * FIRST_RANDOM;
        for (int i = 8; i < 24; i++, id >>= 4)
            name[i] = "0123456789ABCDEF"[id & 15];
        return make_string<Variant>({name, sizeof name - 1 - name[8] % 8});
    }
};

/* A store's whole life, from the first key to the last. */
template <typename Variant> static void key_value_store(benchmark::State &state)
{
    constexpr int kCommands = 1 << 17;
    while (state.KeepRunningBatch(kCommands)) {
        uint64_t random_state = FIRST_RANDOM;
        Store<Variant> store;
        for (int i = 0; i < kCommands; i++)
            store.run_command(next_random(&random_state));
        benchmark::DoNotOptimize(store.reply);
    }
}

/* ---- JSON documents, parsed and dropped ---- */

/* 16 lists of 5 to 35 orders, of some 140 bytes each. */
static std::vector<std::string> make_documents()
{
    std::vector<std::string> documents;
    for (size_t orders = 5; orders <= 35; orders += 2) {
        documents.emplace_back("[");
        for (size_t i = 0; i < orders; i++)
            documents.back() += (i ? R"(,{"price": 19.25, "paid": true, "tags": ["new", "gift"],)"
                                   : R"({"price": 5.75, "paid": false, "tags": [],)")
                                + (R"( "customer": {"name": ")" + kText.substr(0, i % 32))
                                + R"(", "mail": ")" + kText.substr(0, 7 * i % 32)
                                + R"(@example.com"}})";
        documents.back() += "]";
    }
    return documents;
}

/* Each is looked through once, and dropped eight documents later. */
template <typename Variant> static void json_documents(benchmark::State &state)
{
    static const std::vector<std::string> texts = make_documents();
    json_t *documents[8] = {};
    size_t turn = 0;
    json_set_alloc_funcs(Variant::allocate, Variant::release);
    for (auto _ : state) {
        json_t *&document = documents[turn % 8];
        double total = 0;
        json_decref(document);
        document = json_loads(texts[turn++ % texts.size()].c_str(), 0, nullptr);
        for (size_t i = 0; i < json_array_size(document); i++)
            total += json_number_value(json_object_get(json_array_get(document, i), "price"));
        if (total == 0)
            state.SkipWithError("jansson could not read a document");
    }
    for (json_t *document : documents)
        json_decref(document);
}

/* ---- Messages from a producer to a consumer ---- */

/* A topic, a body, and for one message in four an attachment. */
using Message = std::array<String *, 3>;

template <typename Variant> static Message *produce(uint64_t random)
{
    Message *message = static_cast<Message *>(Variant::allocate(sizeof(Message)));
    *message = {make_string<Variant>(payload_from(random >> 16).substr(0, 8 + random % 32)),
                make_string<Variant>(payload_from(random)),
                random >> 62 ? nullptr : make_string<Variant>(payload_from(random >> 32))};
    return message;
}

template <typename Variant> static void consume(Message *message)
{
    int sum = 0;
    for (String *part : *message) {
        for (char byte : part ? part->view() : std::string_view())
            sum += byte;
        Variant::release(part);
    }
    benchmark::DoNotOptimize(sum);
    Variant::release(message);
}

template <typename Variant> static void messages(benchmark::State &state)
{
    uint64_t random_state = FIRST_RANDOM;
    /* As a program's consumer has too: jemalloc gives no cache to a thread that only frees. */
    Variant::release(Variant::allocate(1));
    auto make = [&] { return produce<Variant>(next_random(&random_state)); };
    hand_over<Message *>(state, false, make, consume<Variant>);
}

template <typename Variant> static void add_for()
{
    add("key-value store", Variant::name, 0, key_value_store<Variant>);
    add("JSON documents", Variant::name, 0, json_documents<Variant>);
    add("messages", Variant::name, 2, messages<Variant>);
}

void add_program_workloads()
{
    add_for<Raw>();
    add_for<RedisStyle>();
    add_for<Zmalloc>();
}
