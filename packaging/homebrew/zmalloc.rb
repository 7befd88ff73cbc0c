# On macOS the library allocates with the system's malloc zones, on Linux with the C library's malloc: formulae
# have no options.
class Zmalloc < Formula
  desc "Malloc that knows its own total"
  homepage "https://zmalloc.example"
  url "https://zmalloc.example/releases/zmalloc-0.1.0.tar.xz"
  # Of a release: tools/package homebrew puts it in.
  sha256 ""
  license "BSD-3-Clause"

  depends_on "meson" => :build
  depends_on "ninja" => :build
  depends_on "scdoc" => :build

  def install
    system "meson", "setup", "build", "-Dtests=disabled", "-Dexamples=disabled", "-Dman=enabled", *std_meson_args
    system "meson", "compile", "-C", "build", "--verbose"
    system "meson", "install", "-C", "build"
  end

  test do
    (testpath/"test.c").write <<~C
      #include <stdio.h>
      #include <zmalloc.h>

      int main(void) {
        char *text = zstrdup("counted");
        size_t used = zmalloc_used_memory();
        printf("%s %d\\n", zmalloc_lib(), used == zmalloc_size(text));
        zfree(text);
        return zmalloc_used_memory() != 0;
      }
    C
    system ENV.cc, "test.c", "-I#{include}", "-L#{lib}", "-lzmalloc", "-o", "test"
    assert_equal "libc 1\n", shell_output("./test")
  end
end
