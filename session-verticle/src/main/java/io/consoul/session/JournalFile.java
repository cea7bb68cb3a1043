package io.consoul.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines, each behind its checksum, of which one that was torn by a crash is not read. Only its owner may read it, and
 * only one process has it open. Blocks; to be used by one thread at a time.
 */
class JournalFile {

  /** Somebody has it open. */
  static final class InUse extends IOException {
    private static final long serialVersionUID = 1;
  }

  private static final Logger log = LoggerFactory.getLogger(JournalFile.class);
  private static final int CHECKSUM = 8;
  private static final Set<StandardOpenOption> OPTIONS =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  private final Path path;
  private FileChannel channel;
  private long size;

  JournalFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /**
   * Opens it, makes it where it is not there, and cuts off a last line that is torn.
   *
   * @return its lines
   */
  List<byte[]> open() throws IOException {
    Files.createDirectories(path.getParent());
    boolean posix = Files.getFileStore(path.getParent()).supportsFileAttributeView("posix");
    FileAttribute<?>[] owner = posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
        : new FileAttribute<?>[0];
    FileChannel opened = FileChannel.open(path, OPTIONS, owner);
    try {
      if (opened.tryLock() == null) {
        throw new InUse();
      }
      if (posix) {
        Files.setPosixFilePermissions(path, OWNER);
      }
      channel = opened;
      return read();
    } catch (OverlappingFileLockException twice) {
      opened.close();
      throw new InUse();
    } catch (IOException failed) {
      opened.close();
      channel = null;
      throw failed;
    }
  }

  /** Bytes of it that are good. */
  long size() {
    return size;
  }

  /** Text in one line, with its checksum. */
  static byte[] line(byte[] text) {
    byte[] line = new byte[CHECKSUM + 1 + text.length + 1];
    System.arraycopy(checksum(text), 0, line, 0, CHECKSUM);
    line[CHECKSUM] = ' ';
    System.arraycopy(text, 0, line, CHECKSUM + 1, text.length);
    line[line.length - 1] = '\n';
    return line;
  }

  /** All of these lines are on disk, or none of them. */
  void append(List<byte[]> lines) throws IOException {
    if (channel == null && !open().isEmpty()) { // what made it fail at the start may be mended
      close();
      throw new IOException("it holds what was not read at the start");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    lines.forEach(all::writeBytes);
    ByteBuffer text = ByteBuffer.wrap(all.toByteArray());
    try {
      while (text.hasRemaining()) {
        channel.write(text, size + text.position());
      }
      channel.force(false);
      size += text.capacity();
    } catch (IOException failed) {
      cutOff();
      throw failed;
    }
  }

  void empty() throws IOException {
    channel.truncate(0);
    size = 0;
    channel.force(true);
  }

  void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  private void cutOff() {
    try {
      channel.truncate(size);
    } catch (IOException alsoFailed) {
      log.error("a half-written line stays at the end of the journal; the next write goes over it");
    }
  }

  private List<byte[]> read() throws IOException {
    byte[] all = Files.readAllBytes(path);
    List<byte[]> lines = new ArrayList<>();
    int good = 0;
    int bad = 0;
    int start = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\n') {
        byte[] text = text(all, start, i);
        if (text == null) {
          bad++;
        } else {
          lines.add(text);
          good = i + 1;
        }
        start = i + 1;
      }
    }
    if (bad > 0) {
      log.error("{} lines of the journal of outages are damaged and cannot be read", bad);
    }
    channel.truncate(good);
    size = good;
    return lines;
  }

  /** @return null where the checksum is not that of the text */
  private static byte[] text(byte[] all, int start, int end) {
    int from = start + CHECKSUM + 1;
    if (from > end) {
      return null;
    }
    byte[] text = Arrays.copyOfRange(all, from, end);
    return Arrays.equals(checksum(text), Arrays.copyOfRange(all, start, start + CHECKSUM))
        ? text
        : null;
  }

  private static byte[] checksum(byte[] text) {
    CRC32 crc = new CRC32();
    crc.update(text);
    return String.format("%08x", crc.getValue()).getBytes(US_ASCII);
  }
}
