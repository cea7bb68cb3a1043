package io.consoul.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** What somebody who is no member of a cluster, but reaches the port of a node's event bus, writes there. */
final class ForgedFrame {

  private static final int PROTOCOL = 2;
  private static final int STRING = 9;
  private static final int SEND = 0;
  private static final int NO_HEADERS = 4;

  private ForgedFrame() {}

  /** Sends a text to an address, and leaves when the other side has closed, or after a moment. */
  static void send(int port, String address, String text) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(frame);
    out.writeByte(PROTOCOL);
    out.writeByte(STRING);
    out.writeByte(SEND);
    write(out, address);
    out.writeInt(0); // no reply is wanted
    write(out, "nobody");
    out.writeInt(NO_HEADERS);
    write(out, text);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(500);
      DataOutputStream wire = new DataOutputStream(socket.getOutputStream());
      wire.writeInt(frame.size());
      wire.write(frame.toByteArray());
      wire.flush();
      while (socket.getInputStream().read() >= 0) {
        // an alert of TLS, before it closes
      }
    } catch (java.net.SocketTimeoutException | java.net.SocketException silent) {
      // A bus that takes the frame says nothing to it; one that does not may reset the connection.
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
