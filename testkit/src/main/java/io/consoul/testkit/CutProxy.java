package io.consoul.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy on loopback in front of a server, for what happens to a network: connections are cut, refused, stalled, or lose
 * the answers to what the server has done. Can be switched at any time, and holds for open connections too.
 */
public final class CutProxy implements AutoCloseable {

  /** What happens to the bytes. */
  public enum Mode {
    PASS,
    /**
     * Requests get through, answers do not: the server has done what its client never hears of. A connection that has lost
     * an answer is cut at the first one that would get through again, for TCP loses nothing in between.
     */
    SWALLOW_ANSWERS,
    /** Nothing gets through; what was held back goes on its way later. */
    STALL
  }

  private final int port;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<Socket> forgotten = ConcurrentHashMap.newKeySet();
  private ServerSocket listening;
  private volatile Mode mode = Mode.PASS;

  private CutProxy(int port, int target) {
    this.port = port;
    this.target = target;
  }

  /** @param target port of loopback */
  public static CutProxy to(int target) {
    CutProxy proxy = new CutProxy(Ports.free(), target);
    proxy.accept();
    return proxy;
  }

  public int port() {
    return port;
  }

  public String redisUrl() {
    return "redis://127.0.0.1:" + port;
  }

  /** How many connections clients have through it. */
  public int connections() {
    return sockets.size() / 2;
  }

  public synchronized CutProxy mode(Mode changed) {
    mode = changed;
    notifyAll();
    return this;
  }

  /** Nothing gets through the connections that there are, as if a router had forgotten them; new ones work. */
  public void forgetConnections() {
    forgotten.addAll(sockets);
  }

  /** Cuts all connections; new ones can be made. */
  public void cut() {
    for (Socket socket : sockets) {
      close(socket);
      sockets.remove(socket);
    }
    forgotten.clear();
  }

  /** Cuts all connections and refuses new ones, until {@link #accept}. */
  public void refuse() {
    close(listening);
    cut();
  }

  /** Takes connections again after {@link #refuse}. */
  public void accept() {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      listening = socket;
      start("accepts", () -> serve(socket));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() {
    refuse();
    mode(Mode.PASS);
  }

  private void serve(ServerSocket socket) {
    try {
      while (true) {
        Socket client = socket.accept();
        Socket server = connect();
        if (server == null) {
          close(client);
          continue;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        if (socket.isClosed()) { // since this one was accepted: it may have come too late to be cut
          close(client);
          close(server);
        }
        start("requests", () -> pump(client, server, false));
        start("answers", () -> pump(server, client, true));
      }
    } catch (IOException closed) {
      close(socket);
    }
  }

  /** Null where the server is not there. */
  private Socket connect() {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException refused) {
      return null;
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[16 * 1024];
    boolean lossy = false;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        awaitFlow(from);
        if (answers && mode == Mode.SWALLOW_ANSWERS) {
          lossy = true;
        } else if (lossy) {
          return;
        } else {
          out.write(buffer, 0, length);
        }
      }
    } catch (IOException closed) {
      // the other pump sees it too
    } finally {
      close(from);
      close(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private synchronized void awaitFlow(Socket socket) {
    try {
      while ((mode == Mode.STALL || forgotten.contains(socket)) && !socket.isClosed()) {
        wait(50);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, "proxy " + name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }
}
