# Checked for its syntax alone, as PACKAGING.md says.
#
# On macOS the library allocates with the system's malloc zones, on Linux with the C library's malloc.
class Zmalloc < Formula
  desc "Malloc that knows its own total"
  homepage "https://zmalloc.example"
  url "https://zmalloc.example/releases/zmalloc-0.1.0.tar.xz"
  sha256 "" # the release's
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
      #include <zmalloc.h>

      int main(void) {
        return zmalloc_used_memory() != 0 || zmalloc_size(zstrdup("counted")) != zmalloc_used_memory();
      }
    C
    system ENV.cc, "test.c", "-I#{include}", "-L#{lib}", "-lzmalloc", "-o", "test"
    system "./test"
  end
end
