// Uses the module that module.cpp exports.
import blocks;

int main()
{
    const auto before = used();
    auto *zeroed = static_cast<char *>(make_zeroed(100));
    bool right = zeroed[99] == 0 && used() > before;
    release(zeroed);
    {
        Array<long> numbers(10);
        numbers.items[9] = 1;
        right = right && numbers.zeros[9] == 0 && used() > before;
    }
    return right && used() == before ? 0 : 1;
}
