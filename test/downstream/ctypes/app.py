# The library from Python, by dlopen. Argument: the allocator that should serve.
import ctypes
import sys
from ctypes import c_char_p, c_size_t, c_void_p

zmalloc = ctypes.CDLL("libzmalloc.so.0")
for name, result, arguments in [
    ("zcalloc_num", c_void_p, [c_size_t, c_size_t]),
    ("zfree", None, [c_void_p]),
    ("zmalloc_size", c_size_t, [c_void_p]),
    ("zmalloc_used_memory", c_size_t, []),
    ("zmalloc_lib", c_char_p, []),
    ("zmalloc_version", c_char_p, []),
]:
    function = getattr(zmalloc, name)
    function.restype, function.argtypes = result, arguments

lib = zmalloc.zmalloc_lib().decode()
assert lib.split("-")[0] == sys.argv[1], lib
block = zmalloc.zcalloc_num(10, 10)
assert ctypes.string_at(block, 100) == bytes(100)
assert zmalloc.zmalloc_used_memory() == zmalloc.zmalloc_size(block) >= 100
zmalloc.zfree(block)
assert zmalloc.zmalloc_used_memory() == 0
print(f"{lib}, zmalloc {zmalloc.zmalloc_version().decode()}")
