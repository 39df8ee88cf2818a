package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// typed runs a command on a terminal, presses keys as soon as it prompts, and prints
// what appears. Keys that are pressed earlier would be edited by the terminal, before
// the command takes that over.
//
//	typed KEYS PROGRAM [ARGUMENT …]
func typed() {
	keys, err := os.ReadFile(os.Args[1])
	fatal(err)
	keys = bytes.ReplaceAll(keys, []byte("\n"), []byte("\r"))
	screen, tty, err := terminal()
	fatal(err)
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	fatal(cmd.Start())
	fatal(tty.Close())
	var shown []byte
	buf := make([]byte, 4096)
	for {
		n, err := screen.Read(buf)
		shown = append(shown, buf[:n]...)
		if err != nil { // the command's end of the terminal is closed
			break
		}
		if keys != nil && bytes.Contains(shown, []byte(">> ")) {
			_, err := screen.Write(keys)
			fatal(err)
			keys = nil
		}
	}
	err = cmd.Wait()
	os.Stdout.Write(shown)
	fatal(err)
}

// terminal opens a pseudo-terminal: the side of screen and keys, and that of programs.
func terminal() (screen, tty *os.File, err error) {
	if screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	var unlock, number uint32
	if err := ioctl(screen, syscall.TIOCSPTLCK, &unlock); err != nil {
		return nil, nil, err
	}
	if err := ioctl(screen, syscall.TIOCGPTN, &number); err != nil {
		return nil, nil, err
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	return screen, tty, err
}

func ioctl(f *os.File, request uintptr, arg *uint32) error {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(arg)))
	if errno != 0 {
		return errno
	}
	return nil
}
