package io.consoul.launcher.tryout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Temporary folders, one per node for its cluster.xml. A node reads that when it starts and never again. */
final class HomeFolders implements AutoCloseable {

  private final Path all;
  private final List<Path> homes = new ArrayList<>();
  private boolean closed;

  HomeFolders() throws IOException {
    all = Files.createTempDirectory("consoul-cluster-");
  }

  /** @return the folder, with the file in it */
  synchronized Path add(MemberFile file) throws IOException {
    if (closed) {
      throw new IOException("the temporary folder has been removed");
    }
    Path home = Files.createDirectory(all.resolve("node" + (homes.size() + 1)));
    homes.add(home);
    file.write(home.resolve(MemberFile.NAME));
    return home;
  }

  /** Leaves nothing. Of several threads that close it each waits until that is so. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    for (Path home : homes) {
      Files.deleteIfExists(home.resolve(MemberFile.NAME));
      Files.deleteIfExists(home);
    }
    Files.deleteIfExists(all);
  }
}
