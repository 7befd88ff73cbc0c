# Does with a formula what `brew install --build-from-source` and `brew test` do, where there is no brew: holds
# the source, which must lie beside the formula, against its checksum, unpacks it, runs install, then the test.
# It knows what packaging/homebrew/zmalloc.rb uses of Homebrew's Formula.
#
# Usage: ruby brew.rb FORMULA PREFIX
require "digest"
require "pathname"
require "tmpdir"

class Formula
  class << self
    attr_reader :facts, :test_block

    %i[desc homepage url sha256 license depends_on].each do |field|
      define_method(field) { |value| ((@facts ||= {})[field] ||= []) << value }
    end

    def inherited(formula)
      super
      @formula = formula
    end

    def formula = @formula

    def test(&block) = @test_block = block
  end

  attr_reader :prefix, :testpath

  def initialize(prefix, testpath)
    @prefix = Pathname(prefix)
    @testpath = Pathname(testpath)
  end

  def include = prefix/"include"

  def lib = prefix/"lib"

  def std_meson_args
    ["--prefix=#{prefix}", "--libdir=#{lib}", "--buildtype=release", "--wrap-mode=nofallback"]
  end

  def system(*command)
    Kernel.system(*command.map(&:to_s)) or abort "this failed: #{command.join(" ")}"
  end

  # brew's compiler writes the library's place into programs; here the environment tells it.
  def shell_output(command)
    output = IO.popen({ "LD_LIBRARY_PATH" => lib.to_s }, command, &:read)
    $?.success? or abort "this failed: #{command}"
    output
  end

  def assert_equal(expected, found)
    expected == found or abort "expected #{expected.inspect}, found #{found.inspect}"
  end
end

def ENV.cc = "cc"

def unpack(facts, folder)
  source = folder/File.basename(facts[:url].first)
  found = Digest::SHA256.file(source).hexdigest
  stated = facts[:sha256].first
  stated == found or abort "#{source}: SHA-256 is #{found}, the formula says #{stated.inspect}"
  Kernel.system("tar", "-xf", source.to_s, "--strip-components=1") or abort "tar failed"
end

path = Pathname(ARGV[0]).expand_path
prefix = Pathname(ARGV[1]).expand_path
load path.to_s
formula = Formula.formula
missing = %i[desc homepage url sha256 license].reject { |field| formula.facts[field] }
missing.empty? or abort "the formula lacks #{missing.join(", ")}"
formula.test_block or abort "the formula has no test"
%w[install test].each do |phase|
  Dir.mktmpdir do |folder|
    Dir.chdir(folder) do
      unpack(formula.facts, path.dirname) if phase == "install"
      instance = formula.new(prefix, folder)
      phase == "install" ? instance.install : instance.instance_eval(&formula.test_block)
    end
  end
end
